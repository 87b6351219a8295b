// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/base64.h"

#include <gtest/gtest.h>

namespace jabberd {
namespace {

TEST(Base64, WritesAndReadsTheExamplesOfRfc4648)
{
    const std::pair<std::string, std::string> examples[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {std::string("\xFF\xFE\x00", 3), "//4A"},
    };
    for (const auto &[plain, encoded] : examples) {
        EXPECT_EQ(base64_encode(plain), encoded);
        EXPECT_EQ(base64_decode(encoded), plain);
    }
}

TEST(Base64, HasOneSpellingForEachValue)
{
    for (const std::string wrong :
         {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "=", "Zg==Zg==", "Zm9v\n", "Zm 9", "Zm9-"})
        EXPECT_FALSE(base64_decode(wrong)) << wrong;
}

} // namespace
} // namespace jabberd
