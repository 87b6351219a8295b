// SPDX-License-Identifier: LGPL-2.1-or-later
// Parsers are lent, not owned: an idle connection has none.
#pragma once

#include "xml/parser.h"

#include <memory>
#include <string_view>
#include <vector>

namespace jabberd::xml {

// The stream header of nearly every client. Parsers that went past this one are kept; others are made when needed and
// thrown away.
inline constexpr std::string_view usual_primer =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

// Whether two headers declare the same, in whatever order.
bool is_usual_primer(std::string_view primer);

// Of one event loop; not thread-safe. (A libxml2 context takes 16 KB and a microsecond to make; a warm one parses a
// stanza in half of that.)
class ParserPool {
public:
    // A parser at a boundary, past a header of that primer.
    std::unique_ptr<Parser> borrow(std::string_view primer);

    // Takes back what was borrowed, or any parser whose stream has that primer. It is kept only if it can be lent
    // again.
    void give_back(std::unique_ptr<Parser> parser, std::string_view primer);

private:
    static constexpr std::size_t max_kept = 8; // more are in use at once only while that many stanzas are unfinished

    std::vector<std::unique_ptr<Parser>> kept_;
};

} // namespace jabberd::xml
