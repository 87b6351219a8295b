// SPDX-License-Identifier: LGPL-2.1-or-later
// A number that one thread counts, and any thread reads.
#pragma once

#include <atomic>
#include <cstdint>

namespace jabberd {

// No locked instruction: two threads that add to one number for each stanza would wait for each other's cache line.
class Tally {
public:
    void add(std::uint64_t count)
    {
        value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
    }
    std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

} // namespace jabberd
