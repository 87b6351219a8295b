// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/packet_from_xml.h"

#include "base/view.h"
#include "xml/document.h"
#include "xml/packet_text.h"

#include <libxml/parser.h>

#include <deque>
#include <stdexcept>
#include <vector>

namespace jabberd::test {

namespace {

std::string_view as_text(const xmlChar *s)
{
    return reinterpret_cast<const char *>(s);
}

jabberd_view *field_for(jabberd_packet &packet, std::string_view name)
{
    const std::pair<std::string_view, jabberd_view *> fields[] = {
        {"to", &packet.to},   {"from", &packet.from},   {"id", &packet.id},         {"type", &packet.type},
        {"sto", &packet.sto}, {"sfrom", &packet.sfrom}, {"xml:lang", &packet.lang},
    };
    for (const auto &[field, view] : fields) {
        if (field == name)
            return view;
    }
    return nullptr;
}

// A packet without xmlns stands in the stream's content namespace; its children must, too, to be the canonical ones.
xml::DocumentPtr parse(std::string_view text)
{
    const std::string wrapped = "<stream xmlns='jabber:client'>" + std::string{text} + "</stream>";
    return xml::DocumentPtr{xmlReadMemory(wrapped.data(), static_cast<int>(wrapped.size()), nullptr, nullptr,
                                          XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)};
}

} // namespace

OwnedPacket packet_from_xml(std::string_view text)
{
    const auto document = parse(text);
    const xmlNode *root = document ? xmlFirstElementChild(xmlDocGetRootElement(document.get())) : nullptr;
    if (root == nullptr || xmlNextElementSibling(const_cast<xmlNode *>(root)) != nullptr)
        throw std::invalid_argument{"not one well-formed element: " + std::string{text}};

    std::deque<std::string> strings; // what the views point to
    const auto keep = [&](std::string s) { return view(strings.emplace_back(std::move(s))); };
    std::vector<jabberd_attribute> others;
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = view(as_text(root->name));
    if (as_text(root->ns->href) != "jabber:client")
        packet.xmlns = view(as_text(root->ns->href));
    for (const xmlAttr *attribute = root->properties; attribute != nullptr; attribute = attribute->next) {
        std::string name{as_text(attribute->name)};
        if (attribute->ns != nullptr)
            name = std::string{as_text(attribute->ns->prefix)} + ':' + name;
        const jabberd_view value = keep(xml::content(reinterpret_cast<const xmlNode *>(attribute)));
        if (jabberd_view *field = field_for(packet, name))
            *field = value;
        else
            others.push_back({keep(name), value});
    }
    packet.attributes = others.data();
    packet.attribute_count = others.size();
    packet.body = keep(xml::children_text(root));
    return OwnedPacket{packet};
}

std::string canonical(const jabberd_packet &packet)
{
    std::string text;
    xml::append_packet(text, packet);
    return canonical(text);
}

std::string canonical(std::string_view text)
{
    std::string out;
    xml::append_packet(out, packet_from_xml(text).packet());
    return out;
}

} // namespace jabberd::test
