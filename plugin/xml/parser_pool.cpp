// SPDX-License-Identifier: LGPL-2.1-or-later
#include "xml/parser_pool.h"

#include <utility>

namespace jabberd::xml {

bool is_usual_primer(std::string_view primer)
{
    return primer == usual_primer ||
           primer == "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'>";
}

std::unique_ptr<Parser> ParserPool::borrow(std::string_view primer)
{
    if (!is_usual_primer(primer))
        return std::make_unique<Parser>(primer);
    if (kept_.empty())
        return std::make_unique<Parser>(usual_primer);
    auto parser = std::move(kept_.back());
    kept_.pop_back();
    return parser;
}

void ParserPool::give_back(std::unique_ptr<Parser> parser, std::string_view primer)
{
    if (is_usual_primer(primer) && kept_.size() < max_kept && parser->at_boundary() && !parser->worn_out())
        kept_.push_back(std::move(parser));
}

} // namespace jabberd::xml
