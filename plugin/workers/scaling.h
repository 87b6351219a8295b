// SPDX-License-Identifier: LGPL-2.1-or-later
// When another thread is worth it, and when it is not any more.
#pragma once

#include "workers/idle_processors.h"

#include <optional>
#include <utility>

namespace jabberd::workers {

// Asked at intervals. Shares are of a processor, since the last time.
class Scaling {
public:
    enum class Advice {
        Stay,
        Spread, // one thread more
        Gather, // the least busy one less
    };

    explicit Scaling(IdleProcessors idle = IdleProcessors{}) : idle_(std::move(idle)) {}

    // `first`: of the thread that always is, `least`: of the least busy of the others, where there is one.
    Advice judge(double first, std::optional<double> least);

private:
    IdleProcessors idle_;
    unsigned full_ = 0, calm_ = 0; // how often in a row
};

} // namespace jabberd::workers
