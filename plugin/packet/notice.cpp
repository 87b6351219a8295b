// SPDX-License-Identifier: LGPL-2.1-or-later
#include "packet/notice.h"

#include "base/view.h"
#include "xml/document.h"
#include "xml/escape.h"
#include "xml/namespaces.h"

#include <jabberd/session.h>

#include <utility>

namespace jabberd::session {

namespace {

constexpr std::string_view code = "510";

// Any namespace: classic hosts do not know what one is, and 1.6 puts jabber:server there.
bool is_510(const xmlNode *node)
{
    return node->type == XML_ELEMENT_NODE && std::string_view{reinterpret_cast<const char *>(node->name)} == "error" &&
           xml::attribute(node, "code") == code;
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
    packet.body = view("<error code='510'>Disconnected</error>");
    return packet;
}

EndNotice::EndNotice(std::string_view sto, std::string_view sfrom, const End &end)
    : packet_(disconnected_notice(sto, sfrom))
{
    body_ = text(packet_.body);
    body_ += "<end";
    xml::append_attribute(body_, "xmlns", JABBERD_NS_END);
    xml::append_attribute(body_, "condition", end.condition);
    body_ += '>';
    xml::append_text(body_, end.text);
    body_ += "</end>";
    packet_.body = view(body_);
}

Reason reason_of(const jabberd_packet &notice)
{
    Reason reason;
    const auto document = xml::parse_body(text(notice.body));
    if (!document)
        return reason;
    if (const xmlNode *error = find_510(document.get()))
        reason.text = xml::content(error);
    if (const xmlNode *end = find_end(document.get())) {
        reason.end_condition = xml::attribute(end, "condition");
        reason.end_text = xml::content(end);
    }
    return reason;
}

ReturnedPacket::ReturnedPacket(const jabberd_packet &original, std::string_view reason)
    : body_(text(original.body)), packet_(original)
{
    body_ += "<error code='510'";
    if (present(original.type))
        xml::append_attribute(body_, "type", text(original.type));
    body_ += '>';
    xml::append_text(body_, reason);
    body_ += "</error>";
    packet_.type = view("error");
    packet_.body = view(body_);
    std::swap(packet_.sto, packet_.sfrom);
}

// The code of old for old clients (XEP-0086).
Bounce::Bounce(const jabberd_packet &original) : body_(text(original.body)), packet_(original)
{
    body_ += "<error code='503' type='cancel'><service-unavailable";
    xml::append_attribute(body_, "xmlns", xml::ns::stanza_errors);
    body_ += "/></error>";
    packet_.type = view("error");
    packet_.body = view(body_);
    std::swap(packet_.to, packet_.from);
    packet_.sto = packet_.sfrom = {};
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

} // namespace jabberd::session
