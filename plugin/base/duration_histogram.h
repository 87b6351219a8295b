// SPDX-License-Identifier: LGPL-2.1-or-later
// How long something takes, in buckets.
#pragma once

#include "base/tally.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace jabberd {

// Counted by one thread, read by any. A reader may find an observation in one number and not yet in another.
class DurationHistogram {
public:
    using Bound = std::chrono::microseconds;
    static constexpr std::size_t most_bounds = 12;

    // Of static lifetime, growing. What takes longer than the last is counted as well.
    explicit DurationHistogram(std::span<const Bound> bounds)
        : bounds_(bounds.first(std::min(bounds.size(), most_bounds)))
    {
    }

    void add(std::chrono::nanoseconds took)
    {
        const auto bucket = std::ranges::lower_bound(bounds_, took) - bounds_.begin();
        counts_[static_cast<std::size_t>(bucket)].add(1);
        counts_.back().add(static_cast<std::uint64_t>(std::max(took, std::chrono::nanoseconds{0}).count()));
    }

    std::span<const Bound> bounds() const { return bounds_; }
    std::chrono::nanoseconds sum() const { return std::chrono::nanoseconds{counts_.back().get()}; }

    // How many took as long as that bound, and longer than the one before. There is one more than bounds.
    std::uint64_t in_bucket(std::size_t bucket) const { return counts_[bucket].get(); }

    // For a successor to go on with: a number for each bucket, and last the sum, in nanoseconds.
    std::span<Tally> numbers() { return counts_; }

private:
    std::span<const Bound> bounds_;
    std::array<Tally, most_bounds + 2> counts_; // the last is the sum
};

} // namespace jabberd
