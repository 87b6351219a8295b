// SPDX-License-Identifier: LGPL-2.1-or-later
#include "upstream/client/acks.h"

#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using upstream::Acks;

TEST(Acks, AreOfWhatTheClientWasWrittenWhenTheServerAsked)
{
    Acks acks;
    acks.delivered();
    acks.ask();
    acks.delivered();
    acks.delivered();
    acks.ask();
    EXPECT_EQ(acks.written(), 1u);
    EXPECT_TRUE(acks.waiting());
    EXPECT_EQ(acks.written(), 3u);
    EXPECT_FALSE(acks.waiting());
    EXPECT_EQ(acks.written(), std::nullopt) << "an answer that was not asked for";
}

TEST(Acks, OfManyStanzasOneAnswerIsOwedAtTheLatestAfterTwentyFive)
{
    Acks acks;
    for (int i = 0; i < 100; ++i)
        acks.delivered();
    EXPECT_FALSE(acks.owes_many()) << "the server has not asked";
    acks.ask();
    acks.owe();
    for (int i = 0; i < 24; ++i)
        acks.delivered();
    EXPECT_TRUE(acks.owes());
    EXPECT_FALSE(acks.owes_many());
    acks.delivered();
    EXPECT_TRUE(acks.owes_many());
    acks.ask();
    EXPECT_FALSE(acks.owes());
    EXPECT_FALSE(acks.owes_many());
}

TEST(Acks, EndWithoutWhatHasComeBack)
{
    Acks acks;
    for (int i = 0; i < 5; ++i)
        acks.delivered();
    acks.came_back();
    acks.came_back();
    EXPECT_EQ(acks.last(), 3u);
}

TEST(Acks, GoOnAsTheyWere)
{
    Acks acks;
    acks.mode = Acks::Mode::Ours;
    acks.delivered();
    acks.ask();
    acks.delivered();
    acks.came_back();
    Acks successor;
    successor.restore(acks.save());
    EXPECT_TRUE(successor.ours());
    EXPECT_EQ(successor.written(), 1u);
    EXPECT_EQ(successor.last(), 1u);
}

} // namespace
} // namespace jabberd::test
