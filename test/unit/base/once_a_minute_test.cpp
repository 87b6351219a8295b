// SPDX-License-Identifier: LGPL-2.1-or-later
// What happens often is told once in a minute, with how often it was.
#include "base/once_a_minute.h"

#include <gtest/gtest.h>

#include <chrono>

namespace jabberd {
namespace {

using namespace std::chrono_literals;

TEST(OnceAMinute, TellsTheFirstTimeAndThenWhatHasComeTogether)
{
    OnceAMinute told;
    EXPECT_EQ(told.happened(Time{1h}), 1u);
    EXPECT_EQ(told.happened(Time{1h}), 0u);
    EXPECT_EQ(told.happened(Time{1h + 59s}), 0u);
    EXPECT_EQ(told.happened(Time{1h + 60s}), 3u);
    EXPECT_EQ(told.happened(Time{1h + 119s}), 0u);
    EXPECT_EQ(told.happened(Time{5h}), 2u);
}

TEST(OnceAMinute, IsDueWhateverTheClockSaysAtFirst)
{
    OnceAMinute told;
    EXPECT_EQ(told.happened(Time{}), 1u);
}

} // namespace
} // namespace jabberd
