// SPDX-License-Identifier: LGPL-2.1-or-later
// When a connection counts as silent.
#include "link/carrier/ack_watch.h"

#include <gtest/gtest.h>

namespace {

using jabberd::Time;
using jabberd::link::AckWatch;
using std::chrono::milliseconds;

class LinkAckWatch : public testing::Test {
protected:
    bool look(std::uint32_t unacknowledged, int acknowledged_ms_ago, int after_ms = 100)
    {
        watch.look(unacknowledged, milliseconds{acknowledged_ms_ago}, now += milliseconds{after_ms});
        return watch.is_silent();
    }

    AckWatch watch;
    Time now{std::chrono::hours{1}};
};

TEST_F(LinkAckWatch, ItIsSilentWhenWhatWasWrittenIsNotAcknowledgedForAWhile)
{
    for (int ms = 0; ms <= 1'400; ms += 100)
        EXPECT_FALSE(look(1, ms)) << ms;
    EXPECT_TRUE(look(2, 1'500));
}

TEST_F(LinkAckWatch, ItIsNotSilentWhenNothingWasWritten)
{
    EXPECT_FALSE(look(0, 60'000));
    EXPECT_FALSE(look(0, 70'000, 10'000));
}

TEST_F(LinkAckWatch, WhatIsWrittenAfterALongPauseHasTimeToBeAcknowledged)
{
    look(0, 60'000);
    EXPECT_FALSE(look(1, 60'100));
    EXPECT_FALSE(look(1, 61'500, 1'400));
    EXPECT_TRUE(look(1, 61'600));
}

TEST_F(LinkAckWatch, AnyAcknowledgementEndsIt)
{
    for (int ms = 0; ms <= 1'500; ms += 100)
        look(1, ms);
    ASSERT_TRUE(watch.is_silent());
    EXPECT_FALSE(look(5, 20)); // the rest is on its way
    EXPECT_FALSE(look(0, 120));
}

} // namespace
