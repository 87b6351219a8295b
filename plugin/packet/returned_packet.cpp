// SPDX-License-Identifier: LGPL-2.1-or-later
#include "packet/returned_packet.h"

#include "packet/notice.h"

#include <utility>

namespace jabberd::packet {

namespace {

constexpr std::string_view unknown_host =
    "<error code='404' type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
constexpr std::string_view not_taken =
    "<error code='503' type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";

constexpr std::string_view link_lost =
    "<error code='504' type='wait'><remote-server-timeout xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
constexpr std::string_view link_lost_maybe =
    "<error code='504' type='wait'><remote-server-timeout xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
    "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>It may have been delivered</text></error>";

std::string_view stanza_error(Undelivered why)
{
    switch (why) {
    case Undelivered::UnknownHost: return unknown_host;
    case Undelivered::LinkLost: return link_lost;
    case Undelivered::LinkLostMaybe: return link_lost_maybe;
    case Undelivered::NotTaken:
    case Undelivered::Disconnected: break;
    }
    return not_taken;
}

jabberd_packet turned_round(jabberd_packet packet)
{
    if (present(packet.sto))
        std::swap(packet.sto, packet.sfrom);
    else
        std::swap(packet.to, packet.from);
    packet.type = view("error");
    return packet;
}

std::string body_of(const jabberd_packet &original, Undelivered why)
{
    std::string body{text(original.body)};
    if (present(original.sto))
        append_510(body, original.type, text_of(why));
    else
        body += stanza_error(why);
    return body;
}

} // namespace

std::string_view text_of(Undelivered why)
{
    switch (why) {
    case Undelivered::UnknownHost: return "Server Configuration Error";
    case Undelivered::NotTaken: return "Server Delivery Error";
    case Undelivered::LinkLost: return "Not Delivered, Link To The Remote Server Lost";
    case Undelivered::LinkLostMaybe: return "Maybe Delivered, Link To The Remote Server Lost";
    case Undelivered::Disconnected: break;
    }
    return "Disconnected";
}

bool may_return(const jabberd_packet &packet)
{
    if (text(packet.type) == "error" || is_disconnected(packet))
        return false;
    if (present(packet.sto))
        return present(packet.sfrom);
    return present(packet.from) && text(packet.type) != "result";
}

ReturnedPacket::ReturnedPacket(const jabberd_packet &original, Undelivered why)
    : PacketWithBody(turned_round(original), body_of(original, why))
{
}

} // namespace jabberd::packet
