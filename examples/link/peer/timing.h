// SPDX-License-Identifier: LGPL-2.1-or-later
// How long a peer is waited for, and by which clock.
#pragma once

#include "base/clock.h"

#include <algorithm>
#include <optional>

namespace jabberd::link {

using std::chrono::milliseconds;

struct Patience {
    Duration absent = milliseconds{1'000}; // the carrier says that nobody is there
    Duration down = milliseconds{3'000};   // a packet waits, and there is no carrier
    Duration silent = milliseconds{5'000}; // nothing is heard
};

constexpr Duration tick_every = milliseconds{100};
constexpr Duration longest_tick = milliseconds{200};
constexpr Duration hello_every = milliseconds{400}; // twice within the shortest patience
// More than a round trip and the tick that an acknowledgement may wait for.
constexpr Duration resend_first = milliseconds{400};
constexpr Duration resend_last = milliseconds{1'000};
constexpr Duration reorder_patience = tick_every;     // until one frame that was sent later says that another is lost
constexpr Duration trickle_every = milliseconds{200}; // while a destination here is congested
constexpr Duration other_process_after = milliseconds{1'000};
constexpr Duration login_patience = std::chrono::minutes{10}; // more than any login lasts
constexpr Duration seldom_every = std::chrono::seconds{10};   // lines about the same

// Counts the time in which this process ran. One that was stopped must read what its peers have sent meanwhile before
// it judges them.
class OwnClock {
public:
    void tick(Time now)
    {
        if (last_)
            now_ += std::clamp(now - *last_, Duration{}, longest_tick);
        last_ = now;
    }
    Duration now() const { return now_; }

private:
    Duration now_{};
    std::optional<Time> last_;
};

} // namespace jabberd::link
