// SPDX-License-Identifier: LGPL-2.1-or-later
// What happens often is told at most once in a minute, with how often it was.
#pragma once

#include "base/clock.h"

#include <atomic>
#include <cstdint>

namespace jabberd {

// Thread-safe.
class OnceAMinute {
public:
    // It has happened. How often it has since it was told last, this time included, when it is to be told now; else 0.
    std::uint64_t happened(Time now)
    {
        count_.fetch_add(1, std::memory_order_relaxed);
        Time::rep due = due_.load(std::memory_order_relaxed);
        if (now.time_since_epoch().count() < due)
            return 0;
        const Time::rep next = (now + std::chrono::minutes{1}).time_since_epoch().count();
        return due_.compare_exchange_strong(due, next) ? count_.exchange(0) : 0;
    }

private:
    std::atomic<Time::rep> due_{Time::min().time_since_epoch().count()};
    std::atomic<std::uint64_t> count_{0};
};

} // namespace jabberd
