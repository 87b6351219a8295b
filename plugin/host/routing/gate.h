// SPDX-License-Identifier: LGPL-2.1-or-later
// Lets calls in until it is closed, and knows when the last one has left.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace jabberd::host {

// Two atomic operations a call, no lock. Begins closed.
class Gate {
public:
    // True: the caller is inside, and must leave().
    bool enter();
    void leave();

    void open() { state_.fetch_and(~closed, std::memory_order_release); }

    // No thread gets in any more; returns when the last one has left. Never from inside.
    void close();

    // The same, but gives up at `deadline`: false, and it stays closed while a thread is still inside.
    bool close_by(std::chrono::steady_clock::time_point deadline);

private:
    static constexpr std::uint64_t closed = std::uint64_t{1} << 63; // the other bits count those inside

    std::atomic<std::uint64_t> state_{closed};
};

} // namespace jabberd::host
