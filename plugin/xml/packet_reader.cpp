// SPDX-License-Identifier: LGPL-2.1-or-later
#include "xml/packet_reader.h"

#include "base/packet_fields.h"
#include "base/view.h"
#include "xml/document.h"
#include "xml/namespaces.h"
#include "xml/text.h"

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace jabberd::xml {

namespace {

// Null: it is none of the packet's fields. The namespace of an element is no attribute of the tree.
jabberd_view *field_for(jabberd_packet &packet, std::string_view name)
{
    for (const PacketField &attribute : packet_fields) {
        if (attribute.attribute == name)
            return &(packet.*attribute.field);
    }
    return nullptr;
}

// What the views of a packet point to, while it is put together.
struct Parts {
    std::deque<std::string> strings;
    std::vector<jabberd_attribute> others;

    jabberd_view keep(std::string text) { return view(strings.emplace_back(std::move(text))); }

    void declare(const xmlNs &xmlns)
    {
        const std::string name = "xmlns:" + std::string{as_text(xmlns.prefix)};
        for (const jabberd_attribute &other : others) {
            if (text(other.name) == name)
                return;
        }
        others.push_back({keep(name), keep(std::string{as_text(xmlns.href)})});
    }
};

} // namespace

OwnedPacket read_packet(const xmlNode &element)
{
    Parts parts;
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = view(as_text(element.name));
    if (element.ns != nullptr && as_text(element.ns->href) != ns::client)
        packet.xmlns = view(as_text(element.ns->href));
    for (const xmlAttr *attribute = element.properties; attribute != nullptr; attribute = attribute->next) {
        std::string name{as_text(attribute->name)};
        if (attribute->ns != nullptr) {
            name = std::string{as_text(attribute->ns->prefix)} + ':' + name;
            if (as_text(attribute->ns->prefix) != "xml")
                parts.declare(*attribute->ns);
        }
        const jabberd_view value = parts.keep(content(reinterpret_cast<const xmlNode *>(attribute)));
        if (jabberd_view *field = field_for(packet, name))
            *field = value;
        else
            parts.others.push_back({parts.keep(name), value});
    }
    packet.attributes = parts.others.data();
    packet.attribute_count = parts.others.size();
    packet.body = parts.keep(children_text(&element));
    return OwnedPacket{packet};
}

} // namespace jabberd::xml
