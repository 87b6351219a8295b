// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/packet_from_xml.h"

#include "base/view.h"
#include "xml/document.h"
#include "xml/packet_text.h"

#include <deque>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace jabberd::test {

namespace {

std::string_view as_text(const xmlChar *s)
{
    return reinterpret_cast<const char *>(s);
}

jabberd_view jabberd_packet::*field_of(const std::string &name)
{
    static const std::pair<std::string_view, jabberd_view jabberd_packet::*> fields[] = {
        {"to", &jabberd_packet::to},         {"from", &jabberd_packet::from}, {"id", &jabberd_packet::id},       {"type", &jabberd_packet::type},
        {"xml:lang", &jabberd_packet::lang}, {"sto", &jabberd_packet::sto},   {"sfrom", &jabberd_packet::sfrom},
    };
    for (const auto &[field_name, field] : fields) {
        if (field_name == name)
            return field;
    }
    return nullptr;
}

const xmlNode *only_element(const xmlDoc *document)
{
    const xmlNode *element = document == nullptr ? nullptr : xmlDocGetRootElement(document)->children;
    return element != nullptr && element->type == XML_ELEMENT_NODE && element->next == nullptr ? element : nullptr;
}

} // namespace

OwnedPacket packet_from_xml(std::string_view xml)
{
    constexpr std::string_view content_namespace = "jabber:client";
    const auto document = xml::parse_body(xml, content_namespace);
    const xmlNode *element = only_element(document.get());
    if (element == nullptr)
        throw std::invalid_argument("not one well-formed element: " + std::string{xml});

    std::deque<std::string> strings; // what the packet's views point to, until OwnedPacket has copied it
    const auto keep = [&strings](std::string text) { return view(strings.emplace_back(std::move(text))); };
    std::vector<jabberd_attribute> others;
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = keep(std::string{as_text(element->name)});
    if (element->ns != nullptr && as_text(element->ns->href) != content_namespace)
        packet.xmlns = keep(std::string{as_text(element->ns->href)});
    for (const xmlNs *declared = element->nsDef; declared != nullptr; declared = declared->next) {
        if (declared->prefix != nullptr)
            others.push_back({keep("xmlns:" + std::string{as_text(declared->prefix)}), keep(std::string{as_text(declared->href)})});
    }
    for (const xmlAttr *attribute = element->properties; attribute != nullptr; attribute = attribute->next) {
        std::string name = attribute->ns == nullptr ? "" : std::string{as_text(attribute->ns->prefix)} + ":";
        name += as_text(attribute->name);
        const jabberd_view value = keep(xml::content(reinterpret_cast<const xmlNode *>(attribute)));
        if (const auto field = field_of(name))
            packet.*field = value;
        else
            others.push_back({keep(name), value});
    }
    packet.attributes = others.data();
    packet.attribute_count = others.size();
    packet.body = keep(xml::children_text(element));
    return OwnedPacket{packet};
}

std::string canonical(const jabberd_packet &packet)
{
    std::string text;
    xml::append_packet(text, packet);
    return canonical(text);
}

std::string canonical(std::string_view xml)
{
    std::string out;
    xml::append_packet(out, packet_from_xml(xml).packet());
    return out;
}

} // namespace jabberd::test
