// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/share.h"

#include <gtest/gtest.h>

#include <string>

namespace jabberd {
namespace {

TEST(Share, HasNoMoreThanItsQuota)
{
    Quota quota{3};
    Share share{quota};
    EXPECT_TRUE(share.take(2));
    EXPECT_FALSE(share.take(2));
    EXPECT_TRUE(share.take(1));
    EXPECT_EQ(share.held(), 3u);
    EXPECT_EQ(quota.refused, 1u);
    share.give_back(2);
    EXPECT_TRUE(share.take(2));
}

TEST(Share, OfNoLimitIsNeverRefused)
{
    Quota quota{0};
    Share share{quota};
    EXPECT_TRUE(share.take(1u << 30));
    EXPECT_FALSE(share.is_over());
}

TEST(Share, WhatIsRefusedAboveIsHeldNowhere)
{
    Quota all_of_it{10}, of_an_address{4}, of_a_connection{3};
    Share all{all_of_it}, address{of_an_address, &all}, one{of_a_connection, &address},
        other{of_a_connection, &address};
    EXPECT_TRUE(one.take(3));
    EXPECT_TRUE(other.take(1));
    EXPECT_FALSE(other.take(2));
    EXPECT_EQ(other.held(), 1u);
    EXPECT_EQ(address.held(), 4u);
    EXPECT_EQ(all.held(), 4u);
    EXPECT_EQ(of_an_address.refused, 1u);
    EXPECT_EQ(of_a_connection.refused, 0u);
}

TEST(Share, AFullWholeRefusesOnlyWhoHasMoreThanAnEqualPart)
{
    Quota all_of_it{10}, each{0};
    Share all{all_of_it}, greedy{each, &all}, modest{each, &all};
    EXPECT_TRUE(greedy.take(10));
    EXPECT_FALSE(greedy.take(1));
    EXPECT_TRUE(modest.take(5));
    EXPECT_FALSE(modest.take(1));
    EXPECT_EQ(all_of_it.refused, 2u);
    EXPECT_EQ(all.held(), 15u);
}

TEST(Share, GivesBackWhatItHoldsWhenItGoes)
{
    Quota quota{10};
    Share all{quota};
    {
        Share one{quota, &all};
        one.hold(20);
        EXPECT_TRUE(one.is_over());
        EXPECT_EQ(all.held(), 20u);
    }
    EXPECT_EQ(all.held(), 0u);
}

TEST(Shares, OneOfEachKeyLivesWhileSomebodyHasIt)
{
    Quota all_of_it{0}, each{1};
    Share all{all_of_it};
    Shares<std::string> shares{each, &all};
    {
        const Portion portion = Portion::of(shares.of("alice"), 1);
        EXPECT_TRUE(portion);
        EXPECT_FALSE(Portion::of(shares.of("alice"), 1));
        EXPECT_TRUE(Portion::of(shares.of("bob"), 1));
    }
    EXPECT_EQ(all.held(), 0u);
    EXPECT_TRUE(Portion::of(shares.of("alice"), 1));
    for (int i = 0; i < 10'000; ++i)
        EXPECT_TRUE(Portion::of(shares.of(std::to_string(i)), 1));
}

TEST(Shares, AreOfALargerOneThatLivesAsLong)
{
    Quota all_of_it{0}, of_an_account{3}, of_a_session{2};
    Share all{all_of_it};
    Shares<std::string> accounts{of_an_account, &all}, sessions{of_a_session};
    {
        const Portion home = Portion::of(sessions.of("alice/home", accounts.of("alice")), 2);
        EXPECT_TRUE(home);
        EXPECT_FALSE(Portion::of(sessions.of("alice/work", accounts.of("alice")), 2));
        EXPECT_EQ(all.held(), 2u);
        EXPECT_EQ(of_an_account.refused, 1u);
    }
    EXPECT_EQ(all.held(), 0u);
}

TEST(Portion, OfWhatCannotBeRefusedIsCounted)
{
    Quota quota{2};
    const auto share = std::make_shared<Share>(quota);
    {
        const Portion portion = Portion::held(share, 5);
        EXPECT_TRUE(portion);
        EXPECT_TRUE(share->is_over());
    }
    EXPECT_EQ(share->held(), 0u);
}

TEST(Portion, GoesBackOnce)
{
    Quota quota{2};
    const auto share = std::make_shared<Share>(quota);
    Portion first = Portion::of(share, 2);
    Portion second = std::move(first);
    EXPECT_FALSE(first); // NOLINT(bugprone-use-after-move): that it is empty is what is tested
    EXPECT_EQ(share->held(), 2u);
    second = Portion{};
    EXPECT_EQ(share->held(), 0u);
}

} // namespace
} // namespace jabberd
