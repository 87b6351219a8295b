// SPDX-License-Identifier: LGPL-2.1-or-later
#include "classic/log_room.h"

#include <gtest/gtest.h>

namespace jabberd::classic {
namespace {

using Lost = LogRoom::Lost;

TEST(LogRoom, CountsWhatHasNoRoomUntilHalfOfItIsFree)
{
    LogRoom room;
    constexpr std::size_t half = LogRoom::max_waiting / 2;
    ASSERT_TRUE(room.take(half, &Lost::lines));
    ASSERT_TRUE(room.take(half, &Lost::records));
    EXPECT_EQ(room.take_lost(), Lost{});
    EXPECT_FALSE(room.take(1, &Lost::lines));
    EXPECT_FALSE(room.take(1, &Lost::records));
    room.give(half);
    EXPECT_FALSE(room.take(1, &Lost::lines)) << "half of it is not enough for one more";
    room.give(1);
    EXPECT_TRUE(room.take(1, &Lost::lines));
    EXPECT_EQ(room.take_lost(), (Lost{2, 1}));
    EXPECT_TRUE(room.take(half, &Lost::lines)) << "nothing is lost any more";
    EXPECT_EQ(room.take_lost(), Lost{});
}

} // namespace
} // namespace jabberd::classic
