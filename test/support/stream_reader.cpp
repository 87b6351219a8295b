// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/stream_reader.h"

#include <expat.h>

namespace jabberd::test {

std::string StreamEvent::text() const
{
    if (kind == Kind::End)
        return "</stream:stream>";
    std::string xml = to_string(element);
    if (kind == Kind::Header)
        xml.replace(xml.rfind("/>"), 2, ">");
    return xml;
}

StreamReader::StreamReader() : parser_{XML_ParserCreateNS(nullptr, ' '), XML_ParserFree}
{
#ifdef HAVE_REPARSE_DEFERRAL
    XML_SetReparseDeferralEnabled(parser_.get(),
                                  XML_FALSE); // what has arrived is to be seen now, not with the bytes that come next
#endif
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), on_start, on_end);
    XML_SetCharacterDataHandler(parser_.get(), on_characters);
}

StreamReader::~StreamReader() = default;

void StreamReader::read(std::string_view bytes)
{
    if (error_.empty() &&
        XML_Parse(parser_.get(), bytes.data(), static_cast<int>(bytes.size()), XML_FALSE) != XML_STATUS_OK)
        error_ = XML_ErrorString(XML_GetErrorCode(parser_.get()));
}

void StreamReader::on_start(void *self, const char *name, const char **attributes)
{
    auto &reader = *static_cast<StreamReader *>(self);
    reader.tree_.start(name, attributes);
    if (reader.tree_.depth() == 1)
        reader.events_.push_back({StreamEvent::Kind::Header, reader.tree_.innermost()});
}

void StreamReader::on_end(void *self, const char *)
{
    auto &reader = *static_cast<StreamReader *>(self);
    Element done = reader.tree_.end();
    switch (reader.tree_.depth()) {
    case 0: reader.events_.push_back({StreamEvent::Kind::End, {}}); break;
    case 1: reader.events_.push_back({StreamEvent::Kind::Element, std::move(done)}); break;
    default: reader.tree_.innermost().children.push_back(std::move(done));
    }
}

void StreamReader::on_characters(void *self, const char *text, int size)
{
    auto &reader = *static_cast<StreamReader *>(self);
    if (reader.tree_.depth() > 1) // between stanzas: a keepalive
        reader.tree_.characters({text, static_cast<std::size_t>(size)});
}

} // namespace jabberd::test
