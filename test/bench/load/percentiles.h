// SPDX-License-Identifier: LGPL-2.1-or-later
// How long it took, for most and for the slowest.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace jabberd::bench {

using Time = std::chrono::nanoseconds;

// "key_p50_ms 1.234" and so on; nothing where nothing was timed. Sorts.
void print_times(const std::string &key, std::vector<Time::rep> &times);

} // namespace jabberd::bench
