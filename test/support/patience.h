// SPDX-License-Identifier: LGPL-2.1-or-later
// How long a test waits for what must happen; it never sleeps, and never waits for what must not.
#pragma once

#include <chrono>

namespace jabberd::test {

using Clock = std::chrono::steady_clock;

// Generous: only a failing test uses it up, and a sanitizer on a busy machine must not.
inline constexpr std::chrono::seconds patience{20};

inline Clock::time_point soon()
{
    return Clock::now() + patience;
}

} // namespace jabberd::test
