// SPDX-License-Identifier: LGPL-2.1-or-later
// A peer as a value, for a swap. Times are ages.
#pragma once

#include "link/peer/peer.h"

#include <deque>
#include <utility>

namespace jabberd::link {

struct Peer::State {
    std::string name;
    std::uint64_t mine = 0, known = 0, process = 0;
    bool established = false;
    Duration since{}, heard{};

    std::deque<Batch> batches; // `since` is an age here, too
    std::uint64_t received = 0, taken = 0, last = 0, end_bytes = 0, order = 0;
    Credit credit;

    Inflow::State inflow;
    std::vector<std::pair<std::string, Session>> sessions; // `last` is an age
    std::vector<std::string> names;
    std::uint64_t names_seen = 0;
    Counts counts;
};

} // namespace jabberd::link
