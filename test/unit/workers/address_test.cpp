// SPDX-License-Identifier: LGPL-2.1-or-later
#include "workers/worker.h"

#include <gtest/gtest.h>

#include <set>

namespace jabberd::workers {
namespace {

TEST(ConnectionAddress, TellsWhereItsConnectionLives)
{
    for (const unsigned workers : {1u, 2u, 3u, 7u, 256u}) {
        for (const unsigned worker : {0u, workers / 2, workers - 1}) {
            for (const SlotId slot : {SlotId{0, 1}, SlotId{1, 1}, SlotId{12345, 678}, SlotId{1u << 22, UINT32_MAX}}) {
                const std::string text = address_of({worker, slot}, workers, "c2s.foo.com", "c0ffee");
                const auto read = parse_connection_address(text);
                ASSERT_TRUE(read) << text;
                const Place place = place_of(*read, workers);
                EXPECT_EQ(place.worker, worker) << text;
                EXPECT_EQ(place.slot, slot) << text;
                EXPECT_EQ(read->epoch, "c0ffee") << text;
            }
        }
    }
}

TEST(ConnectionAddress, IsAnotherForEverySlotOfEveryWorkerAndEpoch)
{
    std::set<std::string> seen;
    for (unsigned worker = 0; worker < 3; ++worker)
        for (std::uint32_t index = 0; index < 50; ++index)
            for (std::uint32_t generation = 1; generation < 4; ++generation)
                for (const char *epoch : {"a", "b"})
                    EXPECT_TRUE(seen.insert(address_of({worker, {index, generation}}, 3, "c2s", epoch)).second);
}

} // namespace
} // namespace jabberd::workers
