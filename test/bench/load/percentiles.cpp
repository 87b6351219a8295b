// SPDX-License-Identifier: LGPL-2.1-or-later
#include "load/percentiles.h"

#include <algorithm>

namespace jabberd::bench {

void print_times(const std::string &key, std::vector<Time::rep> &times)
{
    if (times.empty())
        return;
    std::ranges::sort(times);
    const auto at = [&](double share) {
        return static_cast<double>(times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))]) /
               1e6;
    };
    std::printf("%s_count %zu\n%s_p50_ms %.3f\n%s_p99_ms %.3f\n%s_max_ms %.3f\n", key.c_str(), times.size(),
                key.c_str(), at(0.5), key.c_str(), at(0.99), key.c_str(), at(1));
}

} // namespace jabberd::bench
