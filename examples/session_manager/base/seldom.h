// SPDX-License-Identifier: LGPL-2.1-or-later
// What would happen too often to be logged each time.
#pragma once

#include "base/clock.h"

#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

namespace jabberd::session_manager {

// [any-thread]
class Seldom {
public:
    explicit Seldom(Duration apart) : apart_(apart) {}

    // How often it has happened since it was last due, this time included; nothing when that was a moment ago.
    std::optional<std::uint64_t> due(Time now = std::chrono::steady_clock::now())
    {
        const std::lock_guard lock{mutex_};
        ++count_;
        if (last_ && now - *last_ < apart_)
            return std::nullopt;
        last_ = now;
        return std::exchange(count_, 0);
    }

private:
    const Duration apart_;
    std::mutex mutex_;
    std::optional<Time> last_;
    std::uint64_t count_ = 0;
};

} // namespace jabberd::session_manager
