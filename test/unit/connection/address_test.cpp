// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/worker.h"

#include <gtest/gtest.h>

#include <set>

namespace jabberd::connection {
namespace {

TEST(ConnectionAddress, IsReadAsItWasWritten)
{
    for (const unsigned workers : {1u, 2u, 3u, 7u, 256u}) {
        for (const unsigned worker : {0u, workers / 2, workers - 1}) {
            for (const SlotId slot :
                 {SlotId{0, 1}, SlotId{1, 1}, SlotId{12345, 678}, SlotId{UINT32_MAX - 1, UINT32_MAX}}) {
                const std::string text = connection_address({worker, slot}, workers, "c2s.foo.com");
                const auto read = parse_connection_address(text, workers);
                ASSERT_TRUE(read) << text;
                EXPECT_EQ(read->worker, worker) << text;
                EXPECT_EQ(read->slot, slot) << text;
            }
        }
    }
}

TEST(ConnectionAddress, LooksAsItAlwaysDid)
{
    EXPECT_EQ(connection_address({1, {3, 0x2AA}}, 2, "c2s"), "7@c2s/2aa");
}

TEST(ConnectionAddress, IsAnotherForEverySlotOfEveryWorker)
{
    std::set<std::string> seen;
    for (unsigned worker = 0; worker < 3; ++worker)
        for (std::uint32_t index = 0; index < 50; ++index)
            for (std::uint32_t generation = 1; generation < 4; ++generation)
                EXPECT_TRUE(seen.insert(connection_address({worker, {index, generation}}, 3, "c2s")).second);
}

TEST(ConnectionAddress, IsNothingElse)
{
    for (const char *junk : {"",
                             "@",
                             "/",
                             "@/",
                             "7",
                             "7@c2s",
                             "7@c2s/",
                             "@c2s/1",
                             "c2s/1",
                             "c2s",
                             "x@c2s/1",
                             "7x@c2s/1",
                             "-7@c2s/1",
                             "+7@c2s/1",
                             " 7@c2s/1",
                             "7 @c2s/1",
                             "7@c2s/1 ",
                             "7@c2s/g",
                             "7@c2s/-1",
                             "7@c2s/0x1",
                             "7@c2s/1/2",
                             "7@c2s/1@2",
                             "7@c2s/100000000",
                             "99999999999999999999@c2s/1",
                             "8589934591@c2s/1",
                             "alice@foo.com/r",
                             "7.0@c2s/1",
                             "7@c2s/\xC3\xA9"})
        EXPECT_FALSE(parse_connection_address(junk, 1)) << junk;
}

} // namespace
} // namespace jabberd::connection
