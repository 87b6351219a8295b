// SPDX-License-Identifier: LGPL-2.1-or-later
// What all event loops of one component instance share.
#pragma once

#include "base/clock.h"
#include "config/options.h"
#include "connection/host_link.h"
#include "net/address_caps.h"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace jabberd::connection {

// Sums for `jabberd-ctl status`; relaxed, since nobody decides by them.
struct Counters {
    std::atomic<std::uint64_t> accepted{0}, refused{0}, logins{0}, login_failures{0};
    std::atomic<std::uint64_t> stanzas_in{0}, stanzas_out{0}, bytes_in{0}, bytes_out{0};
    std::atomic<std::uint64_t> returned{0}, malformed_packets{0};
};

struct Plant {
    Plant(const jabberd_host &host_, const Clock &clock_) : host(host_), clock(clock_) {}

    HostLink host;
    const Clock &clock;
    net::AddressCaps address_caps;
    Counters counters;
    std::atomic<std::size_t> connections{0};
    std::atomic<std::size_t> memory{0}; // bytes that clients make us hold: unwritten stanzas, unfinished ones
};

} // namespace jabberd::connection
