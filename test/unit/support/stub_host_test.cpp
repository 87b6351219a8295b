// SPDX-License-Identifier: LGPL-2.1-or-later
// The stub host with the fixture component good.so, which sends every packet back. FIXTURES in the environment is its
// folder.
#include "stub/stub_host.h"

#include "support/packet_from_xml.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

namespace jabberd::test {
namespace {

constexpr char service[] = "<service id='echo'><host>echo.foo.com</host></service>";

std::string fixture(const std::string &name)
{
    const char *folder = std::getenv("FIXTURES");
    return std::string{folder == nullptr ? "." : folder} + "/" + name + ".so";
}

class StubHostTest : public testing::Test {
protected:
    void SetUp() override
    {
        ASSERT_TRUE(host.create());
        ASSERT_TRUE(host.start());
    }

    jabberd_result give(const char *xml) { return host.give(packet_from_xml(xml).packet()); }

    StubHost host{fixture("good"), service};
};

TEST_F(StubHostTest, RecordsWhatTheComponentDelivers)
{
    EXPECT_EQ(give("<message to='a' from='b'><body>hi</body></message>"), JABBERD_DONE);
    const auto echo = host.packets.take();
    ASSERT_TRUE(echo);
    EXPECT_EQ(echo->text, "<message to='b' from='a'><body>hi</body></message>");
}

TEST_F(StubHostTest, WaitsForAnotherThread)
{
    std::thread other{[this] { give("<presence to='a' from='b'/>"); }};
    EXPECT_TRUE(host.packets.take());
    other.join();
}

TEST_F(StubHostTest, ReactionMayGiveAPacketFromInsideDeliver)
{
    int rounds = 0;
    host.set_reaction([&](const Delivered &delivered) {
        if (++rounds < 3)
            host.give(delivered.packet.packet()); // serialized: it waits until the handler has returned
        return rounds < 3;
    });
    give("<iq to='a' from='b'/>");
    EXPECT_EQ(rounds, 3);
    EXPECT_TRUE(host.packets.take(Clock::now()));
    EXPECT_FALSE(host.packets.take(Clock::now()));
}

TEST(StubHost, SaysWhyItRefusesAComponent)
{
    try {
        const StubHost host{fixture("other_major"), service};
        FAIL() << "loaded";
    } catch (const std::runtime_error &refusal) {
        EXPECT_NE(std::string{refusal.what()}.find("made for ABI 2"), std::string::npos) << refusal.what();
    }
}

TEST(StubHost, KeepsReportsWithTheirLine)
{
    StubHost host{fixture("create_fails"), service, "jabber.xml", 12};
    EXPECT_FALSE(host.create());
    const auto report = host.reports.take(Clock::now());
    ASSERT_TRUE(report);
    EXPECT_EQ(report->file, "jabber.xml");
    EXPECT_EQ(report->line, 12u);
}

} // namespace
} // namespace jabberd::test
