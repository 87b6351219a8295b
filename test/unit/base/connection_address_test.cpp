// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/connection_address.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <string_view>

namespace jabberd {
namespace {

TEST(ConnectionAddress, IsReadAsItWasWritten)
{
    for (const std::uint32_t id : {0u, 7u, 12345u, UINT32_MAX}) {
        for (const std::uint32_t number : {0u, 1u, 0x2AAu, UINT32_MAX}) {
            for (const std::string epoch : {"", "0", "0123456789abcdef", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"}) {
                const std::string text = to_string({id, "c2s.foo.com", number, epoch});
                const auto read = parse_connection_address(text);
                ASSERT_TRUE(read) << text;
                EXPECT_EQ(read->id, id) << text;
                EXPECT_EQ(read->host, "c2s.foo.com") << text;
                EXPECT_EQ(read->number, number) << text;
                EXPECT_EQ(read->epoch, epoch) << text;
            }
        }
    }
}

TEST(ConnectionAddress, LooksAsItAlwaysDidBeforeTheEpoch)
{
    EXPECT_EQ(to_string({7, "c2s", 0x2AA, ""}), "7@c2s/2aa");
    EXPECT_EQ(to_string({7, "c2s", 0x2AA, "c0ffee"}), "7@c2s/2aa-c0ffee");
}

// jabberd 1.4 wants a number before the '@' and cuts parts at 64 characters; all classic servers forbid some in them.
TEST(ConnectionAddress, IsOneThatEveryHostTakes)
{
    const std::string longest = to_string({UINT32_MAX, "c2s", UINT32_MAX, std::string(32, 'z')});
    EXPECT_EQ(longest.find_first_not_of("0123456789", 0), longest.find('@'));
    const std::string token = longest.substr(longest.find('/') + 1);
    EXPECT_LE(token.size(), 64u);
    EXPECT_EQ(token.find_first_of("<>&'\":@ /"), std::string::npos);
    EXPECT_LE(to_string({UINT32_MAX, "", UINT32_MAX, new_epoch()}).size(), 64u);
}

TEST(ConnectionAddress, HasOneSpellingOnly)
{
    for (const char *junk : {"",
                             "@",
                             "/",
                             "@/",
                             "7",
                             "7@c2s",
                             "7@c2s/",
                             "7@/1",
                             "@c2s/1",
                             "c2s/1",
                             "c2s",
                             "x@c2s/1",
                             "7x@c2s/1",
                             "-7@c2s/1",
                             "+7@c2s/1",
                             "07@c2s/1",
                             " 7@c2s/1",
                             "7 @c2s/1",
                             "7@c2s/1 ",
                             "7@c2s/01",
                             "7@c2s/A",
                             "7@c2s/g",
                             "7@c2s/-1",
                             "7@c2s/-abc",
                             "7@c2s/1-",
                             "7@c2s/1--a",
                             "7@c2s/1-a-b",
                             "7@c2s/1-A",
                             "7@c2s/1-a_",
                             "7@c2s/1-a/b",
                             "7@c2s/01-a",
                             "7@c2s/1-zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
                             "7@c2s/0x1",
                             "7@c2s/1/2",
                             "7@c2s/1@2",
                             "7@c2s/100000000",
                             "4294967296@c2s/1",
                             "99999999999999999999@c2s/1",
                             "alice@foo.com/r",
                             "7.0@c2s/1",
                             "7@c2s/\xC3\xA9"})
        EXPECT_FALSE(parse_connection_address(junk)) << junk;
}

// What is read is written again as the same text: two texts are never one address.
TEST(ConnectionAddress, IsWrittenAsItWasReadWhateverItIs)
{
    std::mt19937 random{1};
    const auto some = [&](std::string_view alphabet, std::size_t most) {
        std::string text;
        for (std::size_t size = random() % (most + 1); text.size() < size;)
            text += alphabet[random() % alphabet.size()];
        return text;
    };
    unsigned read = 0;
    for (int i = 0; i < 100000; ++i) {
        std::string text = some("0123456789", 3) + "@" + some("c2s.", 4) + "/" + some("0123456789abcdef-", 4) +
                           (random() % 2 == 0 ? "-" : "") + some("0123456789abcxyz", 6);
        if (random() % 4 == 0)
            text[random() % text.size()] = static_cast<char>(random());
        if (const auto address = parse_connection_address(text)) {
            EXPECT_EQ(to_string(*address), text);
            ++read;
        }
    }
    EXPECT_GT(read, 1000u);
}

TEST(Epoch, IsAnotherOneEachTime)
{
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const std::string epoch = new_epoch();
        EXPECT_TRUE(is_epoch(epoch)) << epoch;
        EXPECT_TRUE(seen.insert(epoch).second) << epoch;
    }
}

} // namespace
} // namespace jabberd
