// SPDX-License-Identifier: LGPL-2.1-or-later
// What one network address has of the server: all of its clients together.
#pragma once

#include "base/clock.h"
#include "base/once_a_minute.h"
#include "base/share.h"

#include <cstdint>
#include <vector>

namespace jabberd::net {

// Of the turns of one event loop, whose thread alone touches it.
struct TurnTime {
    std::uint64_t turn = 0; // the last one that the address had some of
    Duration used{};
};

struct AddressShare {
    AddressShare(Quota &memory_of_address, Share &all_memory, unsigned loops)
        : memory(memory_of_address, &all_memory), turns(loops)
    {
    }

    Share memory;                // bytes that its clients make us hold
    std::vector<TurnTime> turns; // by the loop's number
    OnceAMinute refused;         // a connection, for what the address may have
    OnceAMinute slowed;          // a client, for what it may send
};

} // namespace jabberd::net
