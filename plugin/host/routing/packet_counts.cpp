// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/routing/packet_counts.h"

#include "base/view.h"

#include <cstring>

namespace jabberd::host {

// Of a length that is known the compiler compares words.
PacketKind kind_of(const jabberd_packet &packet)
{
    const std::string_view name = text(packet.name);
    const auto is = [&](const auto &literal) { return std::memcmp(name.data(), literal, sizeof literal - 1) == 0; };
    switch (name.size()) {
    case 2: return is("iq") ? PacketKind::Iq : PacketKind::Other;
    case 7: return is("message") ? PacketKind::Message : PacketKind::Other;
    case 8: return is("presence") ? PacketKind::Presence : PacketKind::Other;
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
