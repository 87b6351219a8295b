// SPDX-License-Identifier: LGPL-2.1-or-later
#include "xml/packet_text.h"

#include "base/packet_fields.h"
#include "base/view.h"
#include "xml/escape.h"

namespace jabberd::xml {

void append_packet(std::string &out, const jabberd_packet &packet)
{
    out += '<';
    out += text(packet.name);
    for (const PacketField &attribute : packet_fields) {
        const jabberd_view value = packet.*attribute.field;
        if (present(value))
            append_attribute(out, attribute.attribute, text(value));
    }
    for (std::size_t i = 0; i < packet.attribute_count; ++i)
        append_attribute(out, text(packet.attributes[i].name), text(packet.attributes[i].value));
    if (packet.body.size == 0) {
        out += "/>";
        return;
    }
    out += '>';
    out += text(packet.body);
    out += "</";
    out += text(packet.name);
    out += '>';
}

} // namespace jabberd::xml
