// SPDX-License-Identifier: LGPL-2.1-or-later
// What one DATA frame holds, and how much of that a peer may send.
#pragma once

#include "base/clock.h"

#include <cstdint>
#include <string>

namespace jabberd::link {

// Of pieces, and of the bytes that they take in frames; since the incarnation began.
struct Credit {
    std::uint64_t pieces = 0, bytes = 0;

    friend bool operator==(const Credit &, const Credit &) = default;
};

// Never changed once it is closed: it is sent again as it is.
struct Batch {
    std::uint64_t first = 0; // piece
    std::uint32_t count = 0;
    std::uint64_t end_bytes = 0; // of all pieces up to its last
    Duration since{};            // by the peer's clock, when its first packet came
    bool sent = false;           // at least once
    std::string pieces;

    // Of repair (repair.h), and of no snapshot: what a successor does not know is asked for again.
    std::uint64_t order = 0; // of the frame that it was sent in last
    Duration sent_at{};      // in that
    bool is_there = false;   // the peer has it
    bool is_due = false;     // it is to be sent again
    bool was_due = false;    // so `order` is not that of the batches around it

    std::uint64_t last() const { return first + count - 1; }
};

} // namespace jabberd::link
