// SPDX-License-Identifier: LGPL-2.1-or-later
#include "workers/scaling.h"

namespace jabberd::workers {

namespace {

// Between the two nothing changes: a thread that comes takes half of what there is to do.
constexpr double full = 0.85;
constexpr double calm = 0.5; // two threads together

// In a row. A burst is over before, and threads do not come and go with each breath of the load.
constexpr unsigned full_times = 4;
constexpr unsigned calm_times = 10;

// Processors with nothing to do. Where clients, or a database, have them all, one more thread only waits for them.
constexpr double spare = 0.75;

} // namespace

Scaling::Advice Scaling::judge(double first, std::optional<double> least)
{
    // Where /proc is hidden, some processors are taken to be idle.
    const double idle = first >= full ? idle_.since_last_look().value_or(spare) : 0;
    full_ = first >= full ? full_ + 1 : 0;
    calm_ = least && first + *least < calm ? calm_ + 1 : 0;
    if (full_ >= full_times && idle >= spare) {
        full_ = 0;
        return Advice::Spread;
    }
    if (calm_ >= calm_times) {
        calm_ = 0;
        return Advice::Gather;
    }
    return Advice::Stay;
}

} // namespace jabberd::workers
