// SPDX-License-Identifier: LGPL-2.1-or-later
// What comes from a peer: in order and once, and how much more may come.
#pragma once

#include "link/frame/frame.h"
#include "link/peer/assembler.h"
#include "link/peer/batch.h"
#include "link/peer/reordered.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::link {

class Inflow {
public:
    enum class Verdict {
        Taken,
        Duplicate, // of what was taken or is kept
        Kept,      // until what is missing before it has come
        Broken,    // a packet that is larger than any may be; what can be is taken
        Beyond,    // more than was granted: not taken
    };

    explicit Inflow(const Credit &window) : window_(window) { extend(); }

    // Of a DATA frame. The packets that are complete now are valid until the next call, and while the frame is.
    Verdict receive(const Frame &frame, std::vector<std::string_view> &packets);

    // Those packets were delivered.
    void packets_taken() { taken_ = complete_; }

    // As many as the window has may come beyond what was received. True: that is more than before.
    bool extend();
    // The destination is congested: a part of a window only, so that two peers who wait for each other go on.
    bool extend_a_little();

    std::uint64_t received() const { return received_; }
    std::uint64_t received_bytes() const { return received_bytes_; }
    std::uint64_t taken() const { return taken_; }
    // What is missing before what is kept.
    bool has_gap() const { return !reordered_.empty(); }
    std::vector<Gap> gaps() const { return reordered_.gaps(received_); }
    std::uint64_t heard() const { return heard_; } // the latest frame
    const Credit &granted() const { return granted_; }
    void set_window(const Credit &window) { window_ = window; }

    // For a swap. What is kept behind a gap is not in it.
    struct State {
        std::uint64_t received = 0, received_bytes = 0, taken = 0;
        Credit granted;
        std::string partial;
    };
    State save() const { return {received_, received_bytes_, taken_, granted_, assembler_.partial()}; }
    void restore(State state);

private:
    Verdict keep(const Frame &frame);
    bool take(std::uint64_t first, std::string_view pieces, std::vector<std::string_view> &packets);
    bool grant(const Credit &more);

    Credit window_, granted_;
    std::uint64_t received_ = 0, received_bytes_ = 0;
    std::uint64_t complete_ = 0, taken_ = 0; // the last piece of a whole packet
    std::uint64_t heard_ = 0;
    Assembler assembler_;
    Reordered reordered_;
    std::deque<Reordered::Kept> lent_; // kept no longer; the packets of the last call are in it, where they were lent
};

} // namespace jabberd::link
