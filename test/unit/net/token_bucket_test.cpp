// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/token_bucket.h"

#include <gtest/gtest.h>

namespace jabberd::net {
namespace {

using namespace std::chrono_literals;

constexpr Time begin{1h};
constexpr Rate rate{.per_second = 100, .burst = 1000};

TEST(TokenBucket, AllowsABurstAtOnce)
{
    TokenBucket bucket{rate, begin};
    bucket.take(rate, 1000, begin);
    EXPECT_LE(bucket.ready_at(rate), begin);
}

TEST(TokenBucket, WaitsForAsLongAsTheDebtTakes)
{
    TokenBucket bucket{rate, begin};
    bucket.take(rate, 1500, begin);
    EXPECT_EQ(bucket.ready_at(rate), begin + 5s);
    bucket.take(rate, 0, begin + 2s);
    EXPECT_EQ(bucket.ready_at(rate), begin + 5s);
}

TEST(TokenBucket, SavesNoMoreThanABurst)
{
    TokenBucket bucket{rate, begin};
    bucket.take(rate, 1100, begin + 24h);
    EXPECT_EQ(bucket.ready_at(rate), begin + 24h + 1s);
}

TEST(TokenBucket, KeepsTheRateInTheLongRun)
{
    TokenBucket bucket{rate, begin};
    Time now = begin;
    constexpr int takes = 1000;
    for (int i = 0; i < takes; ++i) {
        bucket.take(rate, 77, now);
        now = std::max(now, bucket.ready_at(rate));
    }
    const double seconds = std::chrono::duration<double>{now - begin}.count();
    EXPECT_NEAR(seconds, (77.0 * takes - 1000) / 100, 1.0);
}

TEST(TokenBucket, KnowsRatesBelowOneASecond)
{
    constexpr Rate slow{.per_second = 0.2, .burst = 4};
    TokenBucket bucket{slow, begin};
    bucket.take(slow, 5, begin);
    EXPECT_NEAR(std::chrono::duration<double>{bucket.ready_at(slow) - begin}.count(), 5.0, 1e-6);
}

TEST(TokenBucket, WithoutARateIsAlwaysReady)
{
    constexpr Rate unlimited{};
    TokenBucket bucket{unlimited, begin};
    bucket.take(unlimited, 4'000'000'000, begin);
    EXPECT_LE(bucket.ready_at(unlimited), begin);
}

TEST(TokenBucket, MakesNoDebtOfWhatWasFree)
{
    // A reload may give a rate to those who had none; what they sent before must not stop them for hours.
    constexpr Rate unlimited{};
    TokenBucket bucket{unlimited, begin};
    bucket.take(unlimited, 4'000'000'000, begin);
    bucket.take(rate, 50, begin + 1s);
    EXPECT_LE(bucket.ready_at(rate), begin + 1s);
}

} // namespace
} // namespace jabberd::net
