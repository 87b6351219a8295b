// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session/inline_management.h"

#include "base/view.h"
#include "packet/namespaces.h"
#include "session/sasl.h"
#include "stream/namespaces.h"
#include "xml/escape.h"
#include "xml/packet_text.h"

namespace jabberd::session {

namespace {

// What stands for the packet of a body.
const xmlNode *root_of(const xml::DocumentPtr &document)
{
    return document ? xmlDocGetRootElement(document.get()) : nullptr;
}

xmlNode *bind_in(const xmlNode *parent)
{
    return xml::child(parent, "bind", packet::ns::bind2);
}

// The element of what is negotiated inside of another one, made where there is none yet.
xmlNode *inline_of(xmlNode *parent)
{
    for (xmlNode *node = parent->children; node != nullptr; node = node->next) {
        if (node->type == XML_ELEMENT_NODE && xml::name_of(*node) == "inline")
            return node;
    }
    return xml::add_child(parent, "inline", xml::namespace_of(*parent));
}

// Writes an element out, and takes it away.
void move_out(std::string &out, xmlNode *element)
{
    if (element == nullptr)
        return;
    xml::append_element(out, element);
    xml::remove(element);
}

std::string element(std::string_view name, std::string_view xmlns, std::string_view body)
{
    std::string out = "<";
    out += name;
    xml::append_attribute(out, "xmlns", xmlns);
    return out.append(">").append(body).append("</").append(name).append(">");
}

std::string with_body(const jabberd_packet &packet, std::string_view body)
{
    jabberd_packet changed = packet;
    changed.body = view(body);
    std::string out;
    xml::append_packet(out, changed);
    return out;
}

} // namespace

void offer_inline_management(std::string &features)
{
    if (features.find(packet::ns::sasl2) == features.npos)
        return;
    const auto document = xml::parse_body(features);
    xmlNode *list = document ? xml::child(root_of(document), "authentication", packet::ns::sasl2) : nullptr;
    if (list == nullptr)
        return;
    xmlNode *inlined = inline_of(list);
    if (xmlNode *bind = bind_in(inlined))
        xml::set_attribute(xml::add_child(inline_of(bind), "feature", packet::ns::bind2), "var",
                           stream::ns::management);
    xml::add_child(inlined, "sm", stream::ns::management);
    features = xml::children_text(root_of(document));
}

InlineManagement::InlineManagement(std::string_view wishes) : document_(xml::parse_body(wishes))
{
}

std::optional<stream::ManagementElement> InlineManagement::wish(const char *name) const
{
    const xmlNode *found = document_ ? xml::child(root_of(document_), name, stream::ns::management) : nullptr;
    return found != nullptr ? std::optional{stream::management_element(*found)} : std::nullopt;
}

WithoutManagement::WithoutManagement(const xml::Stanza &stanza) : stanza_(stanza)
{
    const std::string_view given = text(stanza.packet.body);
    if (text(stanza.packet.xmlns) != packet::ns::sasl2 || !begins_exchange(stanza) ||
        given.find(stream::ns::management) == given.npos)
        return;
    const auto document = xml::parse_body(given, packet::ns::sasl2);
    if (!document)
        return;
    const xmlNode *root = root_of(document);
    move_out(wishes_, xml::child(root, "resume", stream::ns::management));
    if (const xmlNode *bind = bind_in(root))
        move_out(wishes_, xml::child(bind, "enable", stream::ns::management));
    body_ = xml::children_text(root);
    stanza_.packet.body = view(body_);
}

std::string success_of_login(const jabberd_packet &success, std::string_view failed, std::string_view enabled)
{
    const auto document = xml::parse_body(text(success.body), packet::ns::sasl2);
    const xmlNode *root = root_of(document);
    if (root == nullptr)
        return with_body(success, text(success.body));
    const xmlNode *bound = xml::child(root, "bound", packet::ns::bind2);
    std::string body = xml::children_text(root, bound).append(failed);
    if (bound != nullptr)
        body += element("bound", packet::ns::bind2, xml::children_text(bound).append(enabled));
    return with_body(success, body);
}

std::string success_of_resumption(const jabberd_packet &success, std::string_view session_id, std::string_view resumed)
{
    const auto document = xml::parse_body(text(success.body), packet::ns::sasl2);
    std::string body;
    if (const xmlNode *root = root_of(document)) {
        if (xmlNode *bound = xml::child(root, "bound", packet::ns::bind2))
            xml::remove(bound);
        body = xml::children_text(root, xml::child(root, "authorization-identifier", packet::ns::sasl2));
    }
    body += "<authorization-identifier>";
    xml::append_text(body, session_id);
    body.append("</authorization-identifier>").append(resumed);
    return with_body(success, body);
}

} // namespace jabberd::session
