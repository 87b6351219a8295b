// SPDX-License-Identifier: LGPL-2.1-or-later
// What cannot be given to its connection goes back to its session manager; but no packet goes round for ever.
#pragma once

#include "base/clock.h"
#include "connection/host_link.h"
#include "handover/state.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string_view>
#include <unordered_map>

namespace jabberd::connection {

// Where sfrom is a user's bare address, as jabberd 1.1 writes it, the 510 cannot name the session: the session manager
// does not end it, and delivers the message to it anew. When a message comes again, the session is named by the
// message's own `to`, where that tells it; if that does not help either, its author is told that it was not delivered.
//
// Thread-safe. Borrows link and clock.
class Returns {
public:
    Returns(HostLink &host, const Clock &clock) : host_(host), clock_(clock) {}

    void undeliverable(const jabberd_packet &packet);

    // As a value, in the order of time.
    void save(handover::State &state) const;
    void restore(const handover::State &state);

private:
    struct Seen {
        Time since;
        unsigned count;
    };

    unsigned times(const jabberd_packet &packet); // that it came, or more than enough
    unsigned count(std::uint64_t key, Time now);
    void give_up(const jabberd_packet &packet);

    HostLink &host_;
    const Clock &clock_;
    std::mutex mutex_;
    std::unordered_map<std::uint64_t, Seen> seen_;
    std::deque<std::uint64_t> order_; // of seen_, the oldest first
};

} // namespace jabberd::connection
