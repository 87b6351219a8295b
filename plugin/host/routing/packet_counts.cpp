// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/routing/packet_counts.h"

#include "base/view.h"

namespace jabberd::host {

PacketKind kind_of(const jabberd_packet &packet)
{
    const std::string_view name = text(packet.name);
    switch (name.size()) {
    case 2: return name == "iq" ? PacketKind::Iq : PacketKind::Other;
    case 7: return name == "message" ? PacketKind::Message : PacketKind::Other;
    case 8: return name == "presence" ? PacketKind::Presence : PacketKind::Other;
    default: return PacketKind::Other;
    }
}

std::uint64_t PacketCounts::sum(PacketResult result) const
{
    std::uint64_t sum = 0;
    for (const PacketKind kind : {PacketKind::Message, PacketKind::Presence, PacketKind::Iq, PacketKind::Other})
        sum += get(kind, result);
    return sum;
}

} // namespace jabberd::host
