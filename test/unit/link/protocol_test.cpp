// SPDX-License-Identifier: LGPL-2.1-or-later
// What two peers promise, over a network that keeps no promises.
#include "network.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace {

using namespace jabberd::link;
using namespace jabberd::link::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int ends[] = {Network::left, Network::right};

// Nothing doubled, nothing out of order, and nothing neither delivered nor returned; what may be both says so.
void expect_fates(Network &network)
{
    for (const int end : ends) {
        const Fate &fate = network.fate(end);
        EXPECT_TRUE(std::ranges::is_sorted(fate.delivered)) << "reordered\n" << network.explain();
        EXPECT_EQ(std::ranges::adjacent_find(fate.delivered), fate.delivered.end()) << "doubled\n" << network.explain();
        std::uint64_t lost = 0, both = 0;
        for (std::uint64_t id = 1; id <= network.sent(end); ++id) {
            const bool delivered = std::ranges::binary_search(fate.delivered, id);
            const std::size_t returned = fate.returned.count(id);
            EXPECT_LE(returned, 1u) << id << " was returned twice\n" << network.explain();
            lost += !delivered && returned == 0 && id > network.lost_with(end);
            both += delivered && returned != 0 && !fate.perhaps.contains(id);
        }
        EXPECT_EQ(lost, 0u) << network.explain();
        EXPECT_EQ(both, 0u) << "returned as if it could not have been delivered\n" << network.explain();
    }
}

void expect_nobody_gave_up(Network &network)
{
    for (const int end : ends) {
        EXPECT_THAT(network.fate(end).given_up, IsEmpty()) << network.explain();
        EXPECT_EQ(network.fate(end).delivered.size(), network.sent(end)) << network.explain();
    }
}

TEST(LinkProtocol, CarriesPacketsOfEverySizeBothWays)
{
    Network network{1};
    network.run(100);
    ASSERT_TRUE(network.converged()) << network.explain();
    for (const std::size_t size : {1u, 100u, 16'000u, 16'384u, 40'000u, 1'500'000u, 5u}) {
        EXPECT_TRUE(network.send(Network::left, size));
        EXPECT_TRUE(network.send(Network::right, size));
    }
    network.run(2'000);
    expect_fates(network);
    expect_nobody_gave_up(network);
}

TEST(LinkProtocol, TakesNothingBeforeThePeerIsThereNorWhatIsTooLarge)
{
    Network network{1};
    EXPECT_FALSE(network.send(Network::left));
    network.run(100);
    EXPECT_FALSE(network.send(Network::left, max_packet));
    EXPECT_TRUE(network.send(Network::left));
}

class OverABadNetwork : public testing::TestWithParam<std::uint32_t> {};

TEST_P(OverABadNetwork, NothingIsLostDoubledOrReordered)
{
    std::mt19937 random{GetParam()};
    const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    Network network{GetParam()};
    network.run(300);
    network.faults = {.drop = 0.05, .twice = 0.05, .delay_ms = 1 + below(60), .jitter_ms = below(80)};
    for (int step = 0; step < 200; ++step) {
        for (unsigned n = below(40); n != 0; --n)
            network.send(static_cast<int>(below(2)), 1 + below(below(10) == 0 ? 60'000 : 300));
        if (below(50) == 0)
            network.swap(static_cast<int>(below(2)));
        network.run(20);
    }
    network.faults = {};
    network.run(5'000);
    expect_fates(network);
    expect_nobody_gave_up(network);
    EXPECT_TRUE(network.converged()) << network.explain();
}

TEST_P(OverABadNetwork, WithRestartsPartitionsAndStopsEveryPacketArrivesOrComesBack)
{
    std::mt19937 random{GetParam() * 7 + 1};
    const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    Network network{GetParam()};
    network.run(300);
    network.faults = {.drop = 0.02, .twice = 0.02, .delay_ms = 1 + below(20), .jitter_ms = below(30)};
    for (int step = 0; step < 150; ++step) {
        for (unsigned n = below(30); n != 0; --n)
            network.send(static_cast<int>(below(2)), 1 + below(300));
        const int end = static_cast<int>(below(2));
        switch (below(24)) {
        case 0: network.restart(end, static_cast<std::int64_t>(below(100'000)) - 50'000); break;
        case 1: network.faults.cut_to_left = true; break;
        case 2: network.faults.cut_to_right = true; break;
        case 3: network.faults.cut_to_left = network.faults.cut_to_right = false; break;
        case 4: network.stop(end, true); break;
        case 5: network.give_up(end); break;
        case 6: network.swap(end); break;
        case 7: network.carried(end, Carried::NobodyThere); break;
        case 8: network.carried(end, Carried::Down); break;
        case 9: network.give_up(Network::left), network.give_up(Network::right); break;
        case 10: network.hold(end, true); break;
        default: network.carried(end, Carried::Up), network.stop(end, false); break;
        }
        network.run(below(10) == 0 ? 3'000 : 100);
    }
    network.faults = {};
    for (const int end : ends) {
        network.stop(end, false);
        network.carried(end, Carried::Up);
        network.hold(end, false);
    }
    network.run(15'000);
    expect_fates(network);
    EXPECT_TRUE(network.converged()) << network.explain();
    // And it stays so.
    const auto before = network.peer(Network::left).status().mine;
    network.run(30'000);
    EXPECT_EQ(network.peer(Network::left).status().mine, before) << network.explain();
    EXPECT_TRUE(network.send(Network::left)) << network.explain();
    network.run(1'000);
    expect_fates(network);
}

INSTANTIATE_TEST_SUITE_P(Seeds, OverABadNetwork, testing::Range(1u, 61u));

} // namespace
