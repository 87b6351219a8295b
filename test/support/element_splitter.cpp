// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/element_splitter.h"

#include <expat.h>

#include <utility>

namespace jabberd::test {

ElementSplitter::ElementSplitter(Take take) : parser_{XML_ParserCreate("UTF-8"), XML_ParserFree}, take_{std::move(take)}
{
#ifdef HAVE_REPARSE_DEFERRAL
    XML_SetReparseDeferralEnabled(parser_.get(), XML_FALSE);
#endif
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), on_start, on_end);
    read("<script>");
}

bool ElementSplitter::read(std::string_view bytes)
{
    bytes_ += bytes;
    return XML_Parse(parser_.get(), bytes.data(), static_cast<int>(bytes.size()), XML_FALSE) == XML_STATUS_OK;
}

void ElementSplitter::on_start(void *self, const char *, const char **)
{
    auto &splitter = *static_cast<ElementSplitter *>(self);
    if (splitter.depth_++ == 1)
        splitter.beginning_ = XML_GetCurrentByteIndex(splitter.parser_.get());
}

void ElementSplitter::on_end(void *self, const char *)
{
    auto &splitter = *static_cast<ElementSplitter *>(self);
    if (--splitter.depth_ != 1)
        return;
    XML_Parser parser = splitter.parser_.get();
    const long long end = XML_GetCurrentByteIndex(parser) + XML_GetCurrentByteCount(parser);
    const auto from = static_cast<std::size_t>(splitter.beginning_ - splitter.offset_);
    const auto to = static_cast<std::size_t>(end - splitter.offset_);
    const std::string element = splitter.bytes_.substr(from, to - from);
    splitter.bytes_.erase(0, to);
    splitter.offset_ = end;
    splitter.take_(element);
}

} // namespace jabberd::test
