// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/state/by_connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::session_manager {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr Time start{};
constexpr std::chrono::seconds minute{60};

TEST(ByConnection, TheOldestOfTooManyGoes)
{
    ByConnection<int> values{2, minute};
    EXPECT_THAT(values.put("a", 1, start), IsEmpty());
    EXPECT_THAT(values.put("b", 2, start), IsEmpty());
    EXPECT_THAT(values.put("a", 3, start), IsEmpty()); // is the youngest again
    EXPECT_THAT(values.put("c", 4, start), ElementsAre(Pair("b", 2)));
    EXPECT_EQ(values.find("a", start), 3);
    EXPECT_EQ(values.find("b", start), std::nullopt);
    EXPECT_EQ(values.find("c", start), 4);
}

TEST(ByConnection, WhatIsTooOldIsNotFoundAndGoes)
{
    ByConnection<int> values{10, minute};
    values.put("a", 1, start);
    values.put("b", 2, start + minute / 2);
    EXPECT_EQ(values.find("a", start + minute - std::chrono::seconds{1}), 1);
    EXPECT_EQ(values.find("a", start + minute), std::nullopt);
    EXPECT_THAT(values.put("c", 3, start + minute), ElementsAre(Pair("a", 1)));
}

TEST(ByConnection, ErasesOnlyTheValueThatIsMeant)
{
    ByConnection<int> values{10, minute};
    values.put("a", 1, start);
    EXPECT_FALSE(values.erase("a", 2));
    EXPECT_TRUE(values.erase("a", 1));
    EXPECT_FALSE(values.erase("a", 1));
    EXPECT_FALSE(values.erase("a"));
}

TEST(ByConnection, GivesAllAway)
{
    ByConnection<int> values{10, minute};
    values.put("a", 1, start);
    values.put("b", 2, start);
    EXPECT_THAT(values.take_all(), ElementsAre(Pair("a", 1), Pair("b", 2)));
    EXPECT_THAT(values.take_all(), IsEmpty());
}

} // namespace
} // namespace jabberd::session_manager
