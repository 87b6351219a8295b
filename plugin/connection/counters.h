// SPDX-License-Identifier: LGPL-2.1-or-later
// What `jabberd-ctl status` adds up.
#pragma once

#include "base/tally.h"

#include <string_view>
#include <utility>

namespace jabberd::connection {

// Of one worker.
struct Counters {
    Tally accepted, refused, untrusted, bad_proxy_headers, accept_pauses, logins, login_failures;
    Tally websockets, http_answers;   // opened; requests that were answered otherwise
    Tally detached, resumed, expired; // sessions whose client was gone; that have it again; that were over before
    Tally stanzas_in, stanzas_out, bytes_in, bytes_out;
    Tally returned, malformed_packets;
    Tally too_many, too_fast, throttled, postponed; // by which shares somebody was refused more, or had to go
    Tally too_much_unacknowledged;
    Tally too_far_behind, ended_by_memory, ended_by_memory_per_address;
    Tally out_of_memory; // connections that ended for an allocation that has failed
};

// By the names they have in `jabberd-ctl status`. "over": how often that share refused more, slowed down a client, or
// ended one.
inline constexpr std::pair<std::string_view, Tally Counters::*> tallies[] = {
    {"accepted", &Counters::accepted},
    {"refused", &Counters::refused},
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
};

} // namespace jabberd::connection
