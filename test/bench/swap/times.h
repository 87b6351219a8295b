// SPDX-License-Identifier: LGPL-2.1-or-later
// How long messages took from one client to another, apart for those that were on their way during a swap.
#pragma once

#include "load/percentiles.h"

#include <chrono>
#include <vector>

namespace jabberd::bench {

class Times {
public:
    Time::rep now() const { return std::chrono::steady_clock::now().time_since_epoch().count(); }

    // The window of a swap: from the request to the answer.
    void begin_swap()
    {
        swapping_ = true;
        last_end_ = now();
    }
    void end_swap()
    {
        swapping_ = false;
        last_end_ = now();
    }

    // Sent then, got now. A stamp of 0: not timed.
    void add(Time::rep sent, Time::rep got)
    {
        if (sent != 0)
            (swapping_ || sent <= last_end_ ? across_ : apart_).push_back(got - sent);
    }
    void forget()
    {
        across_.clear();
        apart_.clear();
    }

    std::vector<Time::rep> &across() { return across_; }
    std::vector<Time::rep> &apart() { return apart_; }

private:
    bool swapping_ = false;
    Time::rep last_end_ = 0;
    std::vector<Time::rep> across_, apart_;
};

} // namespace jabberd::bench
