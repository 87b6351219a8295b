// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/address.h"

#include <gtest/gtest.h>

namespace jabberd {
namespace {

TEST(Address, SplitsUserHostAndResource)
{
    EXPECT_EQ(split_address("alice@foo.com/home"), (Address{"alice", "foo.com", "home"}));
    EXPECT_EQ(split_address("foo.com"), (Address{"", "foo.com", ""}));
    EXPECT_EQ(split_address("foo.com/x"), (Address{"", "foo.com", "x"}));
}

TEST(Address, LeavesSlashesAndAtSignsToTheResource)
{
    EXPECT_EQ(split_address("alice@foo.com/a/b@c"), (Address{"alice", "foo.com", "a/b@c"}));
    EXPECT_EQ(split_address("foo.com/b@c"), (Address{"", "foo.com", "b@c"}));
}

TEST(Address, BareIsWithoutTheResource)
{
    EXPECT_EQ(bare_address("alice@foo.com/home"), "alice@foo.com");
    EXPECT_EQ(bare_address("alice@foo.com"), "alice@foo.com");
}

TEST(Address, IsTheSameButForCaseOfUserAndHost)
{
    EXPECT_TRUE(same_address("alice@foo.com/home", "alice@foo.com/home"));
    EXPECT_TRUE(same_address("Alice@foo.com/home", "alice@FOO.com/home"));
    EXPECT_TRUE(same_address("alice@b\u00fccher.example", "alice@xn--bcher-kva.example"));
    EXPECT_FALSE(same_address("alice@foo.com/home", "alice@foo.com/Home"));
    EXPECT_FALSE(same_address("alice@foo.com/", "alice@foo.com"));
    EXPECT_FALSE(same_address("alice@foo.com", "foo.com"));
    EXPECT_FALSE(same_address("alice@foo.com", "alicia@foo.com"));
}

} // namespace
} // namespace jabberd
