// SPDX-License-Identifier: LGPL-2.1-or-later
// What has become of the packets of one service.
#pragma once

#include <jabberd/packet.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace jabberd::host {

enum class PacketKind { Message, Presence, Iq, Other };
enum class PacketResult { Taken, Congested, Returned }; // congested: taken, and its sender is to wait

inline constexpr std::array<std::string_view, 4> packet_kinds{"message", "presence", "iq", "other"};
inline constexpr std::array<std::string_view, 3> packet_results{"taken", "congested", "returned"};

PacketKind kind_of(const jabberd_packet &packet);

// [any-thread]
class PacketCounts {
public:
    void add(const jabberd_packet &packet, PacketResult result)
    {
        of(kind_of(packet), result).fetch_add(1, std::memory_order_relaxed);
    }
    std::uint64_t get(PacketKind kind, PacketResult result) const
    {
        return counts_[static_cast<std::size_t>(kind)][static_cast<std::size_t>(result)].load(
            std::memory_order_relaxed);
    }
    std::uint64_t sum(PacketResult result) const;

private:
    std::atomic<std::uint64_t> &of(PacketKind kind, PacketResult result)
    {
        return counts_[static_cast<std::size_t>(kind)][static_cast<std::size_t>(result)];
    }

    std::array<std::array<std::atomic<std::uint64_t>, packet_results.size()>, packet_kinds.size()> counts_{};
};

} // namespace jabberd::host
