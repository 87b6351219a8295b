// SPDX-License-Identifier: LGPL-2.1-or-later
#include "xml/packet_text.h"

#include "base/view.h"
#include "xml/escape.h"

#include <utility>

namespace jabberd::xml {

void append_packet(std::string &out, const jabberd_packet &packet)
{
    const std::pair<std::string_view, jabberd_view> fields[] = {
        {"xmlns", packet.xmlns}, {"to", packet.to},         {"from", packet.from}, {"id", packet.id},
        {"type", packet.type},   {"xml:lang", packet.lang}, {"sto", packet.sto},   {"sfrom", packet.sfrom},
    };
    out += '<';
    out += text(packet.name);
    for (const auto &[name, value] : fields) {
        if (present(value))
            append_attribute(out, name, text(value));
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
