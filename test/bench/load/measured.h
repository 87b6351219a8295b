// SPDX-License-Identifier: LGPL-2.1-or-later
// What a server uses while clients talk or log in, and what this program does meanwhile; printed.
#pragma once

#include "load/chat.h"
#include "load/crowd.h"
#include "load/options.h"
#include "load/usage.h"

#include <chrono>
#include <functional>

namespace jabberd::bench {

inline double seconds(std::chrono::nanoseconds time)
{
    return std::chrono::duration<double>{time}.count();
}

// `exchange` says how many messages there were.
void measure_exchange(const Options &options, Chat &chat, const std::function<unsigned()> &exchange);

// Until so many are logged in.
void measure_logins(const Options &options, Crowd &crowd, unsigned count);

} // namespace jabberd::bench
