// SPDX-License-Identifier: LGPL-2.1-or-later
#include "component_stream/wire/handshake.h"

#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using namespace component_stream;

// FIPS 180-2, A.1: SHA-1 of "abc".
TEST(Handshake, IsTheLowerCaseHashOfStreamIdAndSecret)
{
    EXPECT_EQ(handshake_of("ab", "c"), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(Handshake, IsRightToTheLetter)
{
    const std::string right = handshake_of("id", "secret");
    EXPECT_TRUE(is_handshake(right, "id", "secret"));
    EXPECT_FALSE(is_handshake(right, "id", "Secret"));
    EXPECT_FALSE(is_handshake(right, "di", "secret"));
    EXPECT_FALSE(is_handshake(right.substr(1), "id", "secret"));
    EXPECT_FALSE(is_handshake(right + "0", "id", "secret"));
    EXPECT_FALSE(is_handshake("A9993E364706816ABA3E25717850C26C9CD0D89D", "ab", "c")) << "XEP-0114 §3: lower case";
    EXPECT_FALSE(is_handshake("", "id", "secret"));
}

} // namespace
} // namespace jabberd::test
