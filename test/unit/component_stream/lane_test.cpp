// SPDX-License-Identifier: LGPL-2.1-or-later
#include "component_stream/connection/lane.h"

#include "base/view.h"
#include "routes_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace jabberd::test {
namespace {

using namespace component_stream;
using testing::ElementsAre;
using testing::IsEmpty;
using Taken = Lane::Taken;

class AboutALane : public testing::Test {
protected:
    static constexpr std::size_t room = 10000;

    OwnedPacket packet() const
    {
        jabberd_packet packet{};
        packet.size = sizeof packet;
        packet.name = view("message");
        packet.body = view(body);
        return OwnedPacket{packet};
    }

    const std::string body = std::string(1000, 'x');
    RoutesHost host;
    Lane lane{*host.host(), host.routes(), "192.0.2.7:5347", {"rooms.localhost"}, false, room};
};

TEST_F(AboutALane, HoldsSendersBackWhileItIsFull)
{
    const OwnedPacket one = packet();
    EXPECT_EQ(lane.push(one.packet()), Taken::First);
    while (lane.waiting() <= room) {
        EXPECT_THAT(host.congestion(), IsEmpty());
        EXPECT_EQ(lane.push(one.packet()), Taken::Yes);
    }
    EXPECT_THAT(host.congestion(), ElementsAre("congested rooms.localhost"));
    while (lane.waiting() > room / 2) {
        EXPECT_THAT(host.congestion(), ElementsAre("congested rooms.localhost"));
        lane.release(one.bytes());
    }
    EXPECT_THAT(host.congestion(), ElementsAre("congested rooms.localhost", "ready rooms.localhost"));
}

TEST_F(AboutALane, TakesNoMoreFromThoseWhoGoOn)
{
    const OwnedPacket one = packet();
    std::size_t pushed = 0;
    while (lane.push(one.packet()) != Taken::Full)
        ASSERT_LT(++pushed, 100u);
    EXPECT_EQ(lane.take().size(), pushed);
}

TEST_F(AboutALane, ClosesBehindWhatWasPushed)
{
    EXPECT_EQ(lane.push(packet().packet()), Taken::First);
    EXPECT_FALSE(lane.close());
    EXPECT_EQ(lane.push(packet().packet()), Taken::Yes);
    EXPECT_EQ(lane.take().size(), 2u);
    EXPECT_TRUE(lane.close());
    EXPECT_EQ(lane.push(packet().packet()), Taken::Closed);
}

// The host resumes who waited before it returns, and they push again.
TEST_F(AboutALane, MayBePushedToWhileItTells)
{
    const OwnedPacket one = packet();
    host.on_ready = [&] { lane.push(one.packet()); };
    while (lane.waiting() <= room)
        lane.push(one.packet());
    while (lane.waiting() > room / 2)
        lane.release(one.bytes());
    EXPECT_THAT(host.congestion(), ElementsAre("congested rooms.localhost", "ready rooms.localhost"));
}

TEST_F(AboutALane, TellsTheLastThatIsTrueToWhoeverAsks)
{
    const OwnedPacket one = packet();
    for (int round = 0; round < 100; ++round) {
        std::thread pusher{[&] {
            for (int i = 0; i < 12; ++i)
                lane.push(one.packet());
        }};
        std::size_t released = 0;
        while (released < 12) {
            const auto taken = lane.take();
            for (std::size_t i = 0; i < taken.size(); ++i)
                lane.release(one.bytes());
            released += taken.size();
        }
        pusher.join();
    }
    ASSERT_EQ(lane.waiting(), 0u);
    const auto told = host.congestion();
    EXPECT_TRUE(told.empty() || told.back() == "ready rooms.localhost");
    for (std::size_t i = 0; i < told.size(); ++i)
        EXPECT_EQ(told[i], i % 2 == 0 ? "congested rooms.localhost" : "ready rooms.localhost");
}

} // namespace
} // namespace jabberd::test
