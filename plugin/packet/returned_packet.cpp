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
        body += why == Undelivered::UnknownHost ? unknown_host : not_taken;
    return body;
}

} // namespace

std::string_view text_of(Undelivered why)
{
    switch (why) {
    case Undelivered::UnknownHost: return "Server Configuration Error";
    case Undelivered::NotTaken: return "Server Delivery Error";
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
