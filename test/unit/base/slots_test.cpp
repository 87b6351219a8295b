// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/slots.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace jabberd {
namespace {

TEST(Slots, FindWhatWasInsertedUntilItIsErased)
{
    Slots<int> slots;
    int a = 1, b = 2;
    const SlotId id_a = slots.insert(a), id_b = slots.insert(b);
    EXPECT_EQ(slots.find(id_a), &a);
    EXPECT_EQ(slots.find(id_b), &b);
    slots.erase(id_a);
    EXPECT_EQ(slots.find(id_a), nullptr);
    EXPECT_EQ(slots.find(id_b), &b);
    EXPECT_EQ(slots.size(), 1u);
}

TEST(Slots, NeverGiveOutAnIdTwice)
{
    Slots<int> slots;
    int object = 0;
    std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
    for (int i = 0; i < 1000; ++i) {
        const SlotId id = slots.insert(object);
        EXPECT_TRUE(seen.emplace(id.index, id.generation).second) << id.index << '/' << id.generation;
        EXPECT_NE(id.generation, 0u);
        slots.erase(id);
    }
}

TEST(Slots, KnowNoIdThatTheyDidNotGiveOut)
{
    Slots<int> slots;
    int object = 0;
    const SlotId id = slots.insert(object);
    for (const SlotId stranger : {SlotId{}, SlotId{id.index, 0}, SlotId{id.index, id.generation + 1},
                                  SlotId{id.index + 1, id.generation}, SlotId{UINT32_MAX, UINT32_MAX}}) {
        EXPECT_EQ(slots.find(stranger), nullptr) << stranger.index << '/' << stranger.generation;
        slots.erase(stranger);
    }
    EXPECT_EQ(slots.size(), 1u);
}

TEST(Slots, EraseTwiceErasesOnce)
{
    Slots<int> slots;
    int a = 1, b = 2;
    const SlotId id = slots.insert(a);
    slots.erase(id);
    slots.erase(id);
    const SlotId first = slots.insert(a), second = slots.insert(b);
    EXPECT_NE(first.index, second.index);
    EXPECT_EQ(slots.size(), 2u);
}

TEST(Slots, VisitorMayEraseItselfAndItsNeighbour)
{
    Slots<int> slots;
    std::vector<int> objects = {0, 1, 2, 3, 4};
    std::vector<SlotId> ids;
    for (int &object : objects)
        ids.push_back(slots.insert(object));
    std::vector<int> visited;
    slots.for_each([&](int &object) {
        visited.push_back(object);
        slots.erase(ids[static_cast<std::size_t>(object)]);
        if (object == 1)
            slots.erase(ids[2]);
    });
    EXPECT_EQ(visited, (std::vector{0, 1, 3, 4}));
    EXPECT_EQ(slots.size(), 0u);
}

} // namespace
} // namespace jabberd
