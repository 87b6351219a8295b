// SPDX-License-Identifier: LGPL-2.1-or-later
// What `jabberd-ctl status` adds up.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <utility>

namespace jabberd::connection {

// Counted by one thread, read by any. No locked instruction: two workers that add to one number for each stanza would
// wait for each other's cache line.
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

// Of one worker.
struct Counters {
    Tally accepted, refused, logins, login_failures;
    Tally stanzas_in, stanzas_out, bytes_in, bytes_out;
    Tally returned, malformed_packets;
};

// By the names they have in `jabberd-ctl status`.
inline constexpr std::pair<std::string_view, Tally Counters::*> tallies[] = {
    {"accepted", &Counters::accepted},
    {"refused", &Counters::refused},
    {"logins", &Counters::logins},
    {"login failures", &Counters::login_failures},
    {"stanzas in", &Counters::stanzas_in},
    {"bytes in", &Counters::bytes_in},
    {"stanzas out", &Counters::stanzas_out},
    {"bytes out", &Counters::bytes_out},
    {"stanzas returned", &Counters::returned},
    {"malformed packets", &Counters::malformed_packets},
};

} // namespace jabberd::connection
