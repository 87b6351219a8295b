// SPDX-License-Identifier: LGPL-2.1-or-later
// What is made of a text that comes again is made once, and not all is kept.
#include "base/recent.h"

#include <gtest/gtest.h>

#include <string>

namespace jabberd {
namespace {

class RecentTest : public testing::Test {
protected:
    std::size_t length_of(const std::string &text)
    {
        return recent_.of(text, [this](std::string_view given) {
            ++made_;
            return given.size();
        });
    }

    Recent<std::size_t> recent_;
    unsigned made_ = 0;
};

TEST_F(RecentTest, MakesOnceWhatComesAgain)
{
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(length_of("one"), 3u);
        EXPECT_EQ(length_of("three"), 5u);
        EXPECT_EQ(length_of(""), 0u);
    }
    EXPECT_EQ(made_, 3u);
}

TEST_F(RecentTest, TheOldestGoesForANewOne)
{
    for (std::size_t i = 0; i < recent_.most + 1; ++i)
        length_of(std::string(i, 'x'));
    made_ = 0;
    length_of(std::string(recent_.most, 'x'));
    length_of("x");
    EXPECT_EQ(made_, 0u);
    EXPECT_EQ(length_of(""), 0u);
    EXPECT_EQ(made_, 1u);
}

TEST_F(RecentTest, WhatIsVeryLongIsMadeEachTime)
{
    const std::string text(recent_.longest + 1, 'x');
    EXPECT_EQ(length_of(text), text.size());
    EXPECT_EQ(length_of(text), text.size());
    EXPECT_EQ(made_, 2u);
}

} // namespace
} // namespace jabberd
