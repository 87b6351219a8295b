// SPDX-License-Identifier: LGPL-2.1-or-later
// What all event loops of one component instance share.
#pragma once

#include "base/clock.h"
#include "base/connection_address.h"
#include "connection/host_link.h"
#include "connection/returns.h"
#include "net/address_caps.h"

#include <atomic>
#include <cstddef>
#include <string>

namespace jabberd::connection {

struct Shared {
    Shared(const jabberd_host &host_, const Clock &clock_) : host(host_), clock(clock_) {}

    HostLink host;
    const Clock &clock;
    Returns returns{host, clock};
    std::string epoch = new_epoch(); // of the addresses that are given from here on; changes in a swap only
    net::AddressCaps address_caps;
    std::atomic<std::size_t> connections{0};
    std::atomic<std::size_t> memory{0}; // bytes that clients make us hold: unwritten stanzas, unfinished ones
};

} // namespace jabberd::connection
