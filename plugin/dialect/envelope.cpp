// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dialect/envelope.h"

#include "packet/packet_with_body.h"
#include "xml/document.h"
#include "xml/escape.h"
#include "xml/packet_text.h"

namespace jabberd::dialect {

Envelope::Envelope(const xmlNode &route)
    : type(xml::attribute(&route, "type"))
    , to(xml::attribute(&route, "to"))
    , from(xml::attribute(&route, "from"))
    , error(xml::attribute(&route, "error"))
    , content(xmlFirstElementChild(const_cast<xmlNode *>(&route)))
    , surplus(content == nullptr ? nullptr : xmlNextElementSibling(const_cast<xmlNode *>(content)))
{
}

std::string write_envelope(std::string_view xmlns, std::string_view type, std::string_view to, std::string_view from,
                           const jabberd_packet *content)
{
    std::string out = "<route";
    if (!xmlns.empty())
        xml::append_attribute(out, "xmlns", xmlns);
    if (!type.empty())
        xml::append_attribute(out, "type", type);
    xml::append_attribute(out, "to", to);
    xml::append_attribute(out, "from", from);
    if (content == nullptr)
        return out += "/>";
    out += '>';
    xml::append_packet(out, packet::without_session(*content));
    return out += "</route>";
}

} // namespace jabberd::dialect
