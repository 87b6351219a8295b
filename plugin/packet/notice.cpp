// SPDX-License-Identifier: LGPL-2.1-or-later
#include "packet/notice.h"

#include "base/view.h"
#include "xml/document.h"
#include "xml/escape.h"

#include <jabberd/session.h>

namespace jabberd::packet {

namespace {

constexpr std::string_view code = "510";
constexpr std::string_view bare_510 = "<error code='510'>Disconnected</error>";

// Any namespace: classic hosts do not know what one is, and 1.6 puts jabber:server there.
bool is_510(const xmlNode *node)
{
    return node->type == XML_ELEMENT_NODE && xml::name_of(*node) == "error" && xml::attribute(node, "code") == code;
}

const xmlNode *find_510(const xmlDoc *document)
{
    for (const xmlNode *node = xmlDocGetRootElement(document)->children; node != nullptr; node = node->next) {
        if (is_510(node))
            return node;
    }
    return nullptr;
}

xmlNode *find_end(const xmlDoc *document)
{
    return xml::child(xmlDocGetRootElement(document), "end", JABBERD_NS_END);
}

std::string body_of(const EndReason &reason)
{
    std::string body{bare_510};
    body += "<end";
    xml::append_attribute(body, "xmlns", JABBERD_NS_END);
    xml::append_attribute(body, "condition", reason.condition);
    if (!reason.host.empty())
        xml::append_attribute(body, "host", reason.host);
    body += '>';
    xml::append_text(body, reason.text);
    return body += "</end>";
}

std::string body_of(Ended how)
{
    std::string body{bare_510};
    body += "<end";
    xml::append_attribute(body, "xmlns", JABBERD_NS_END);
    xml::append_attribute(body, "how", how == Ended::Closed ? "closed" : "lost");
    return body += "/>";
}

// Few bodies hold these three digits at all, so few are parsed.
bool mentions_510(const jabberd_packet &packet)
{
    return text(packet.body).find(code) != std::string_view::npos;
}

} // namespace

bool is_disconnected(const jabberd_packet &packet)
{
    if (!mentions_510(packet))
        return false;
    const auto document = xml::parse_body(text(packet.body));
    return !document || find_510(document.get()) != nullptr;
}

jabberd_packet disconnected_notice(std::string_view sto, std::string_view sfrom)
{
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = view("message");
    packet.type = view("error");
    packet.sto = view(sto);
    packet.sfrom = view(sfrom);
    packet.body = view(bare_510);
    return packet;
}

EndNotice::EndNotice(std::string_view sto, std::string_view sfrom, const EndReason &reason)
    : PacketWithBody(disconnected_notice(sto, sfrom), body_of(reason))
{
}

EndNotice::EndNotice(std::string_view sto, std::string_view sfrom, Ended how)
    : PacketWithBody(disconnected_notice(sto, sfrom), body_of(how))
{
}

Explanation explanation_of(const jabberd_packet &notice)
{
    Explanation explanation;
    const auto document = xml::parse_body(text(notice.body));
    if (!document)
        return explanation;
    if (const xmlNode *error = find_510(document.get()))
        explanation.text = xml::content(error);
    if (const xmlNode *end = find_end(document.get())) {
        explanation.end_condition = xml::attribute(end, "condition");
        explanation.end_text = xml::content(end);
        explanation.end_host = xml::attribute(end, "host");
    }
    return explanation;
}

void append_510(std::string &body, jabberd_view hidden, std::string_view reason)
{
    body += "<error code='510'";
    if (present(hidden))
        xml::append_attribute(body, "type", text(hidden));
    body += '>';
    xml::append_text(body, reason);
    body += "</error>";
}

std::optional<HiddenPacket> hidden_packet(const jabberd_packet &returned)
{
    const auto document = mentions_510(returned) ? xml::parse_body(text(returned.body)) : nullptr;
    const xmlNode *notice = document ? find_510(document.get()) : nullptr;
    if (notice == nullptr)
        return std::nullopt;

    HiddenPacket hidden;
    if (xmlHasProp(const_cast<xmlNode *>(notice), reinterpret_cast<const xmlChar *>("type")) != nullptr)
        hidden.type = std::string{xml::attribute(notice, "type")};
    if (xmlNode *end = find_end(document.get())) { // no part of it either
        xmlUnlinkNode(end);
        xmlFreeNode(end);
    }
    hidden.body = xml::children_text(xmlDocGetRootElement(document.get()), notice);
    if (hidden.body.empty() && !hidden.type && !present(returned.to) && !present(returned.from))
        return std::nullopt;
    return hidden;
}

} // namespace jabberd::packet
