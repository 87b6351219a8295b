// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/duration_histogram.h"

#include <gtest/gtest.h>

#include <vector>

namespace jabberd {
namespace {

using namespace std::chrono_literals;

constexpr DurationHistogram::Bound bounds[] = {10us, 1ms, 1s};

std::vector<std::uint64_t> buckets(const DurationHistogram &times)
{
    std::vector<std::uint64_t> counts;
    for (std::size_t i = 0; i <= times.bounds().size(); ++i)
        counts.push_back(times.in_bucket(i));
    return counts;
}

TEST(DurationHistogram, HasABoundInTheBucketBelowIt)
{
    DurationHistogram times{bounds};
    times.add(0ns);
    times.add(10us);
    times.add(10001ns);
    times.add(1s);
    times.add(1000000001ns);
    EXPECT_EQ(buckets(times), (std::vector<std::uint64_t>{2, 1, 1, 1}));
    EXPECT_EQ(times.sum(), 2000020002ns);
}

TEST(DurationHistogram, CountsATimeThatNoneIsAsNone)
{
    DurationHistogram times{bounds};
    times.add(-5ms); // a test's clock, or one that is wrong
    EXPECT_EQ(buckets(times), (std::vector<std::uint64_t>{1, 0, 0, 0}));
    EXPECT_EQ(times.sum(), 0ns);
}

TEST(DurationHistogram, GoesOnWhereAnotherStopped)
{
    DurationHistogram old{bounds}, successor{bounds};
    old.add(20us);
    old.add(2s);
    for (std::size_t i = 0; i < old.numbers().size(); ++i)
        successor.numbers()[i].add(old.numbers()[i].get());
    successor.add(20us);
    EXPECT_EQ(buckets(successor), (std::vector<std::uint64_t>{0, 2, 0, 1}));
    EXPECT_EQ(successor.sum(), 2000040us);
}

} // namespace
} // namespace jabberd
