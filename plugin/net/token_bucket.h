// SPDX-License-Identifier: LGPL-2.1-or-later
// A rate with a burst.
#pragma once

#include "base/clock.h"

#include <algorithm>
#include <cstdint>

namespace jabberd::net {

struct Rate {
    double per_second = 0;   // 0: no limit; 0.2: one in five seconds
    std::uint32_t burst = 0; // what may come at once
};

// Fills with time, up to the burst. Takes are never refused but may go below zero: then it is not ready before
// `ready_at`.
class TokenBucket {
public:
    TokenBucket(const Rate &rate, Time now) : tokens_(rate.burst), filled_(now) {}

    void take(const Rate &rate, std::uint32_t count, Time now)
    {
        refill(rate, now);
        if (rate.per_second != 0) // what was free cannot become a debt when a rate is configured later
            tokens_ -= count;
    }

    void refill(const Rate &rate, Time now)
    {
        const double seconds = std::chrono::duration<double>{now - filled_}.count();
        tokens_ = std::min<double>(rate.burst, tokens_ + seconds * rate.per_second);
        filled_ = now;
    }

    // When the next take is due: now or earlier while there are tokens.
    Time ready_at(const Rate &rate) const
    {
        if (rate.per_second == 0 || tokens_ >= 0)
            return filled_;
        return filled_ +
               std::chrono::duration_cast<Duration>(std::chrono::duration<double>{-tokens_ / rate.per_second});
    }

private:
    double tokens_;
    Time filled_;
};

} // namespace jabberd::net
