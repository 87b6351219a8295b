// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/inactivity.h"

#include "base/view.h"
#include "connection/snapshot_values.h"
#include "xml/document.h"
#include "xml/packet_text.h"

#include <algorithm>
#include <string_view>

namespace jabberd::connection {

namespace {

constexpr std::string_view chat_states = "http://jabber.org/protocol/chatstates"; // XEP-0085
constexpr std::string_view hints = "urn:xmpp:hints";                              // XEP-0334

bool is_presence(const jabberd_packet &packet)
{
    const std::string_view type = text(packet.type);
    return text(packet.name) == "presence" && (type.empty() || type == "unavailable");
}

// A message without anything to read, which says what its sender is doing.
bool is_chat_state(const jabberd_packet &packet)
{
    const std::string_view type = text(packet.type);
    if (text(packet.name) != "message" || type == "error" || type == "groupchat" ||
        text(packet.body).find(chat_states) == std::string_view::npos)
        return false;
    const auto document = xml::parse_body(text(packet.body));
    if (!document)
        return false;
    for (const xmlNode *node = xmlDocGetRootElement(document.get())->children; node != nullptr; node = node->next) {
        const bool is_state = node->type == XML_ELEMENT_NODE &&
                              (xml::namespace_of(*node) == chat_states || xml::namespace_of(*node) == hints ||
                               xml::is_element(node, "thread", "jabber:client"));
        if (!is_state)
            return false;
    }
    return true;
}

} // namespace

bool Inactivity::keep(const jabberd_packet &packet)
{
    if (present(packet.xmlns) || (!is_presence(packet) && !is_chat_state(packet)))
        return false;
    std::erase_if(kept_, [&](const OwnedPacket &before) {
        return text(before.packet().name) == text(packet.name) && text(before.packet().from) == text(packet.from);
    });
    if (kept_.size() >= most)
        return false;
    kept_.emplace_back(packet);
    return true;
}

std::size_t Inactivity::held_bytes() const
{
    std::size_t bytes = sizeof *this + kept_.capacity() * sizeof(OwnedPacket);
    for (const OwnedPacket &packet : kept_)
        bytes += packet.bytes();
    return bytes;
}

void Inactivity::save(handover::ConnectionState &state) const
{
    state.inactive = true;
    for (const OwnedPacket &packet : kept_)
        xml::append_packet(state.kept.emplace_back(), packet.packet());
}

Inactivity::Inactivity(const handover::ConnectionState &state)
{
    PacketList packets = packets_of(state.kept);
    kept_ = packets.take();
}

} // namespace jabberd::connection
