// SPDX-License-Identifier: LGPL-2.1-or-later
// Times, and packets that wait, as a snapshot has them (include/jabberd/snapshot.h).
#pragma once

#include "base/clock.h"
#include "base/packet_list.h"

#include <cstdint>
#include <string>
#include <vector>

namespace jabberd::connection {

// 0: never.
inline std::uint64_t nanoseconds(Time time)
{
    return time == never ? 0 : static_cast<std::uint64_t>(time.time_since_epoch().count());
}

inline Time time_of(std::uint64_t nanoseconds)
{
    return nanoseconds == 0 ? never : Time{Duration{static_cast<Duration::rep>(nanoseconds)}};
}

// The XML of each.
std::vector<std::string> texts_of(const PacketList &packets);

// Throws std::runtime_error at a text that is not one packet.
PacketList packets_of(const std::vector<std::string> &texts);

} // namespace jabberd::connection
