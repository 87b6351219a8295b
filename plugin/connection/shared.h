// SPDX-License-Identifier: LGPL-2.1-or-later
// What all event loops of one component instance share.
#pragma once

#include "base/clock.h"
#include "base/connection_address.h"
#include "base/share.h"
#include "config/options.h"
#include "connection/answering.h"
#include "connection/host_link.h"
#include "connection/owner.h"
#include "connection/returns.h"
#include "net/address_caps.h"

#include <atomic>
#include <cstddef>
#include <string>
#include <vector>

namespace jabberd::connection {

struct Shared {
    Shared(const jabberd_host &host_, const Clock &clock_, unsigned loops = 1)
        : host(host_), clock(clock_), address_caps(memory, memory_of_address, loops)
    {
    }

    // The limits in force.
    void use(const config::Limits &limits)
    {
        memory_of_all.most = limits.memory;
        memory_of_address.most = limits.memory_per_address;
    }

    HostLink host;
    const Clock &clock;
    Returns returns{host, clock};
    Answering answering;
    std::string epoch = new_epoch(); // of the addresses that are given from here on; changes in a swap only
    std::atomic<std::size_t> connections{0};

    // Bytes that clients make us hold: unwritten stanzas, unfinished ones.
    Quota memory_of_all{0}, memory_of_address{0};
    Share memory{memory_of_all};
    net::AddressCaps address_caps;
    std::vector<Owner *> owners;        // of all loops; no other comes while they run
    std::atomic<unsigned> relieving{0}; // owners that are still to give up memory
};

} // namespace jabberd::connection
