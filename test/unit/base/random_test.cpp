// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/random.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

namespace jabberd {
namespace {

TEST(Random, IdIs128BitsInHexadecimal)
{
    const std::string id = random_id();
    EXPECT_EQ(id.size(), 32u) << id;
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
}

TEST(Random, IdsDoNotRepeat)
{
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i)
        EXPECT_TRUE(seen.insert(random_id()).second);
}

TEST(Random, IdsOfTwoThreadsDoNotRepeat)
{
    constexpr std::size_t count = 1000;
    std::vector<std::string> others;
    std::thread other{[&] {
        while (others.size() < count)
            others.push_back(random_id());
    }};
    std::set<std::string> seen;
    while (seen.size() < count)
        EXPECT_TRUE(seen.insert(random_id()).second);
    other.join();
    for (const std::string &id : others)
        EXPECT_TRUE(seen.insert(id).second);
}

TEST(Random, EveryDigitComesEverywhere)
{
    std::array<std::set<char>, 32> seen;
    for (int i = 0; i < 1000; ++i) {
        const std::string id = random_id();
        for (std::size_t at = 0; at < id.size(); ++at)
            seen[at].insert(id[at]);
    }
    for (std::size_t at = 0; at < seen.size(); ++at)
        EXPECT_EQ(seen[at].size(), 16u) << "digit " << at; // fails by chance once in 10^26
}

} // namespace
} // namespace jabberd
