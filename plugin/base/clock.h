// SPDX-License-Identifier: LGPL-2.1-or-later
// Time comes in through here, so that a test can hold it.
#pragma once

#include <chrono>

namespace jabberd {

using Time = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

inline constexpr Time never = Time::max();

class Clock {
public:
    virtual ~Clock() = default;
    virtual Time now() const = 0;
};

class SystemClock final : public Clock {
public:
    Time now() const override { return std::chrono::steady_clock::now(); }
};

} // namespace jabberd
