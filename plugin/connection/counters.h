// SPDX-License-Identifier: LGPL-2.1-or-later
// What `jabberd-ctl status` adds up.
#pragma once

#include "base/duration_histogram.h"
#include "base/tally.h"
#include "session/mechanism.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace jabberd::connection {

namespace bounds {

using namespace std::chrono_literals;

// A deliver() runs through the session manager, and often to another client's socket.
inline constexpr DurationHistogram::Bound deliver[] = {10us, 25us,   50us, 100us, 250us, 500us,
                                                       1ms,  2500us, 5ms,  10ms,  100ms, 1s};
// From accept() to a session: round trips of the client, and a password check.
inline constexpr DurationHistogram::Bound login[] = {10ms, 25ms,   50ms, 100ms, 250ms, 500ms,
                                                     1s,   2500ms, 5s,   10s,   30s,   60s};

} // namespace bounds

struct LoginTally {
    Tally accepted, refused;
};

// Of one worker.
struct Counters {
    // One deliver() of so many is timed: a clock costs as much as what it would measure of a short one.
    static constexpr std::uint64_t timed_of = 64;

    Tally accepted, refused, denied, untrusted, bad_proxy_headers, accept_pauses, logins, login_failures;
    Tally websockets, http_answers;   // opened; requests that were answered otherwise
    Tally detached, resumed, expired; // sessions whose client was gone; that have it again; that were over before
    Tally stanzas_in, stanzas_out, bytes_in, bytes_out;
    Tally returned, malformed_packets;
    Tally threads_started;                          // for loops that were without, under load
    Tally too_many, too_fast, throttled, postponed; // by which shares somebody was refused more, or had to go
    Tally too_much_unacknowledged;
    Tally too_far_behind, ended_by_memory, ended_by_memory_per_address;
    Tally out_of_memory; // connections that ended for an allocation that has failed
    std::array<LoginTally, session::counted_mechanisms.size()> logins_by; // in their order
    DurationHistogram login_time{bounds::login}, deliver_time{bounds::deliver};
};

// All of them that a swap keeps, under the names that a snapshot has for them: those of `tallies`, and the rest.
void for_each_kept(Counters &counters, const std::function<void(const std::string &name, Tally &tally)> &visit);

// By the names they have in `jabberd-ctl status`. "over": how often that share refused more, slowed down a client, or
// ended one.
inline constexpr std::pair<std::string_view, Tally Counters::*> tallies[] = {
    {"accepted", &Counters::accepted},
    {"refused", &Counters::refused},
    {"not allowed", &Counters::denied},
    {"not trusted", &Counters::untrusted},
    {"bad PROXY headers", &Counters::bad_proxy_headers},
    {"accept pauses", &Counters::accept_pauses},
    {"logins", &Counters::logins},
    {"login failures", &Counters::login_failures},
    {"websockets", &Counters::websockets},
    {"other HTTP requests", &Counters::http_answers},
    {"sessions detached", &Counters::detached},
    {"sessions resumed", &Counters::resumed},
    {"sessions not resumed", &Counters::expired},
    {"stanzas in", &Counters::stanzas_in},
    {"bytes in", &Counters::bytes_in},
    {"stanzas out", &Counters::stanzas_out},
    {"bytes out", &Counters::bytes_out},
    {"stanzas returned", &Counters::returned},
    {"malformed packets", &Counters::malformed_packets},
    {"over connections-per-address", &Counters::too_many},
    {"over attempts-per-second", &Counters::too_fast},
    {"over rates", &Counters::throttled},
    {"over a turn", &Counters::postponed},
    {"over stream-management", &Counters::too_much_unacknowledged},
    {"over queue", &Counters::too_far_behind},
    {"over memory", &Counters::ended_by_memory},
    {"over memory-per-address", &Counters::ended_by_memory_per_address},
    {"out of memory", &Counters::out_of_memory},
    {"threads started under load", &Counters::threads_started},
};

} // namespace jabberd::connection
