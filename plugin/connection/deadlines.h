// SPDX-License-Identifier: LGPL-2.1-or-later
// The deadlines of a connection.
#pragma once

#include "base/clock.h"
#include "handover/state.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace jabberd::connection {

enum class Deadline : std::uint8_t {
    End,             // of the login; of a stream that closes, for the client to read our last words
    Features,        // for the session manager to say what it offers
    Element,         // for what the client has begun to send
    Progress,        // for a client that is over its budget to read something
    Acknowledgement, // for us to ask the client what it has got
    Throttle,        // not a deadline but a pause: nothing is read before
};
inline constexpr std::size_t deadline_count = 6;

class Deadlines {
public:
    Deadlines() { at_.fill(never); }

    Time operator[](Deadline which) const { return at_[static_cast<std::size_t>(which)]; }
    bool has(Deadline which) const { return (*this)[which] != never; }
    bool passed(Deadline which, Time now) const { return now >= (*this)[which]; }

    void set(Deadline which, Time at) { at_[static_cast<std::size_t>(which)] = at; }
    void clear(Deadline which) { set(which, never); }

    Time next() const { return *std::ranges::min_element(at_); } // never: there is none

    void save(handover::ConnectionState &state) const;
    void restore(const handover::ConnectionState &state);

private:
    std::array<Time, deadline_count> at_;
};

} // namespace jabberd::connection
