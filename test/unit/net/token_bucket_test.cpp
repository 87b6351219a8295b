// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/token_bucket.h"

#include <gtest/gtest.h>

namespace jabberd::net {
namespace {

using namespace std::chrono_literals;

constexpr Time start{1h};
constexpr Rate rate{.per_second = 100, .burst = 1000};

TEST(TokenBucket, AllowsABurstAtOnce)
{
    TokenBucket bucket{rate, start};
    bucket.take(rate, 1000, start);
    EXPECT_LE(bucket.ready_at(rate), start);
}

TEST(TokenBucket, WaitsForAsLongAsTheDebtTakes)
{
    TokenBucket bucket{rate, start};
    bucket.take(rate, 1500, start);
    EXPECT_EQ(bucket.ready_at(rate), start + 5s);
    bucket.take(rate, 0, start + 2s);
    EXPECT_EQ(bucket.ready_at(rate), start + 5s);
}

TEST(TokenBucket, SavesNoMoreThanABurst)
{
    TokenBucket bucket{rate, start};
    bucket.take(rate, 1100, start + 24h);
    EXPECT_EQ(bucket.ready_at(rate), start + 24h + 1s);
}

TEST(TokenBucket, KeepsTheRateInTheLongRun)
{
    TokenBucket bucket{rate, start};
    Time now = start;
    constexpr int takes = 1000;
    for (int i = 0; i < takes; ++i) {
        bucket.take(rate, 77, now);
        now = std::max(now, bucket.ready_at(rate));
    }
    const double seconds = std::chrono::duration<double>{now - start}.count();
    EXPECT_NEAR(seconds, (77.0 * takes - 1000) / 100, 1.0);
}

TEST(TokenBucket, KnowsRatesBelowOneASecond)
{
    constexpr Rate slow{.per_second = 0.2, .burst = 4};
    TokenBucket bucket{slow, start};
    bucket.take(slow, 5, start);
    EXPECT_NEAR(std::chrono::duration<double>{bucket.ready_at(slow) - start}.count(), 5.0, 1e-6);
}

TEST(TokenBucket, WithoutARateIsAlwaysReady)
{
    constexpr Rate unlimited{};
    TokenBucket bucket{unlimited, start};
    bucket.take(unlimited, 4'000'000'000, start);
    EXPECT_LE(bucket.ready_at(unlimited), start);
}

TEST(TokenBucket, MakesNoDebtOfWhatWasFree)
{
    // A reload may give a rate to those who had none; what they sent before must not stop them for hours.
    constexpr Rate unlimited{};
    TokenBucket bucket{unlimited, start};
    bucket.take(unlimited, 4'000'000'000, start);
    bucket.take(rate, 50, start + 1s);
    EXPECT_LE(bucket.ready_at(rate), start + 1s);
}

} // namespace
} // namespace jabberd::net
