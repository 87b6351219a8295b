// SPDX-License-Identifier: LGPL-2.1-or-later
// Peers in single situations.
#include "network.h"

#include "base/view.h"

#include <gmock/gmock.h>

namespace {

using namespace jabberd::link;
using namespace jabberd::link::test;
using jabberd::view;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int left = Network::left, right = Network::right;

TEST(LinkPeers, GiveUpAfterSilenceAndNotBefore)
{
    Network network{1};
    network.run(300);
    network.faults.cut_to_left = true;
    network.run(4'500);
    EXPECT_THAT(network.fate(left).given_up, IsEmpty()) << network.explain();
    network.run(1'500);
    EXPECT_THAT(network.fate(left).given_up, ElementsAre(HasSubstr("nothing was heard of it for 5")))
        << network.explain();
    // The other one has heard of it.
    EXPECT_THAT(network.fate(right).given_up, ElementsAre("it has begun anew")) << network.explain();
}

TEST(LinkPeers, GiveUpSoonWhereNobodyIs)
{
    Network network{1};
    network.run(300);
    network.faults.cut_to_left = network.faults.cut_to_right = true;
    network.carried(left, Carried::NobodyThere);
    network.run(2'200);
    EXPECT_THAT(network.fate(left).given_up, ElementsAre(HasSubstr("nobody is there"))) << network.explain();
}

TEST(LinkPeers, DoNotGiveUpWhatIsHeardWhereACarrierErrs)
{
    Network network{1};
    network.run(300);
    network.carried(left, Carried::NobodyThere);
    network.run(10'000);
    EXPECT_THAT(network.fate(left).given_up, IsEmpty()) << network.explain();
}

TEST(LinkPeers, ReturnWhatHasWaitedTooLongWithoutAWay)
{
    Network network{1};
    network.run(300);
    network.faults.cut_to_right = true;
    network.carried(left, Carried::Down);
    network.send(left);
    network.run(2'500);
    EXPECT_THAT(network.fate(left).returned, IsEmpty()) << network.explain();
    network.run(1'000);
    EXPECT_THAT(network.fate(left).returned, ElementsAre(1)) << network.explain();
}

TEST(LinkPeers, DoNotJudgeWhileTheyDoNotRun)
{
    Network network{1};
    network.run(300);
    network.stop(left, true);
    network.run(4'000);
    network.stop(left, false);
    network.run(5'000);
    EXPECT_THAT(network.fate(left).given_up, IsEmpty()) << network.explain();
    EXPECT_THAT(network.fate(right).given_up, IsEmpty()) << network.explain();
}

TEST(LinkPeers, AProcessWhoseClockWentBackIsToldAndGoesOn)
{
    Network network{1};
    network.run(300);
    network.carried(right, Carried::Down);
    network.restart(left, -500'000);
    network.run(3'000);
    EXPECT_TRUE(network.converged()) << network.explain();
    EXPECT_THAT(network.fate(left).lines, testing::Contains(HasSubstr("the clock went back"))) << network.explain();
    EXPECT_THAT(network.fate(right).lines, testing::Contains(HasSubstr("which is before its"))) << network.explain();
}

TEST(LinkPeers, OneThatComesLaterUnderTheSameNameIsRefusedWhileTheFirstIsHeard)
{
    Network network{1};
    network.run(300);
    const auto before = network.peer(right).status().known;
    Frame frame;
    frame.type = FrameType::Hello;
    frame.sender = "left";
    frame.process = 99;
    frame.incarnation = before + 1'000'000;
    Outcome outcome;
    network.peer(right).receive(frame, outcome);
    EXPECT_FALSE(outcome.given_up);
    EXPECT_THAT(outcome.lines, ElementsAre(HasSubstr("is the name of two processes"))) << network.explain();
    EXPECT_EQ(network.peer(right).status().known, before);
}

TEST(LinkPeers, NoMoreIsOnItsWayThanTheWindowHas)
{
    Network network{1, {.patience = {}, .window = {1'024, 1u << 20}, .ring_bytes = 8u << 20}};
    network.run(300);
    network.hold(right, true);
    for (int i = 0; i < 5'000; ++i)
        network.send(left);
    network.run(100);
    EXPECT_LE(network.fate(left).delivered.size(), 2 * 1'024u) << network.explain();
    network.hold(right, false);
    network.run(2'000);
    EXPECT_EQ(network.fate(left).delivered.size(), 5'000u) << network.explain();
}

TEST(LinkPeers, AreCongestedFromThreeQuartersOfTheRingToOne)
{
    Network network{1, {.patience = {}, .window = {4'096, 1u << 20}, .ring_bytes = 1u << 20}};
    network.run(300);
    network.faults.cut_to_right = true;
    while (!network.peer(left).congested())
        ASSERT_TRUE(network.send(left, 10'000));
    EXPECT_GE(network.peer(left).status().ring_bytes, 3u << 18);
    network.faults.cut_to_right = false;
    network.run(2'000);
    EXPECT_FALSE(network.peer(left).congested());
}

jabberd_packet session_packet(std::string_view sto, std::string_view sfrom, std::string_view body = "")
{
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = view("message");
    packet.sto = view(sto);
    packet.sfrom = view(sfrom);
    packet.body = view(body);
    return packet;
}

std::map<std::string, std::string> all(const Sessions &sessions)
{
    std::map<std::string, std::string> all;
    sessions.for_each([&](std::string_view connection, const Session &session) {
        all.emplace(connection, session.other + (session.socket == Side::Here ? " here" : " there"));
    });
    return all;
}

constexpr char notice[] = "<error code='510'>Disconnected</error>";

TEST(LinkSessions, KnowTheLongestNameOfTheOtherSide)
{
    Sessions sessions;
    sessions.note(session_packet("foo.com", "7@c2s/1f"), Side::Here, {});
    EXPECT_THAT(all(sessions), ElementsAre(testing::Pair("7@c2s/1f", "foo.com here")));
    sessions.note(session_packet("7@c2s/1f", "ann@foo.com"), Side::There, {});
    sessions.note(session_packet("7@c2s/1f", "ann@foo.com/r"), Side::There, {});
    sessions.note(session_packet("7@c2s/1f", "ann@foo.com"), Side::There, {});
    EXPECT_THAT(all(sessions), ElementsAre(testing::Pair("7@c2s/1f", "ann@foo.com/r here")));
}

TEST(LinkSessions, KnowAConnectionByItsFormWhereTheFirstPacketGoesToIt)
{
    Sessions sessions;
    sessions.note(session_packet("7@c2s/1f", "ann@foo.com/r"), Side::Here, {});
    EXPECT_THAT(all(sessions), ElementsAre(testing::Pair("7@c2s/1f", "ann@foo.com/r there")));
}

TEST(LinkSessions, EndWithABareNoticeOfEitherSide)
{
    Sessions sessions;
    for (const Side side : {Side::Here, Side::There}) {
        sessions.note(session_packet("ann@foo.com/r", "7@c2s/1f"), Side::Here, {});
        sessions.note(side == Side::Here ? session_packet("ann@foo.com/r", "7@c2s/1f", notice)
                                         : session_packet("7@c2s/1f", "ann@foo.com/r", notice),
                      side, {});
        EXPECT_EQ(sessions.size(), 0u);
    }
}

TEST(LinkSessions, DoNotEndWithA510ThatIsPassedOnOrHidesAPacket)
{
    Sessions sessions;
    sessions.note(session_packet("ann@foo.com/r", "7@c2s/1f"), Side::Here, {});
    sessions.note(session_packet("7@c2s/1f", "ann@foo.com", notice), Side::There, {});
    sessions.note(session_packet("7@c2s/1f", "ann@foo.com/r", "<body>hi</body><error code='510' type='chat'/>"),
                  Side::There, {});
    EXPECT_EQ(sessions.size(), 1u);
}

TEST(LinkSessions, OfLoginsThatNobodyGoesOnWithAreForgotten)
{
    Sessions sessions;
    sessions.note(session_packet("foo.com", "7@c2s/1f"), Side::Here, {});
    sessions.note(session_packet("ann@foo.com", "8@c2s/1f"), Side::Here, {});
    sessions.expire(std::chrono::minutes{9}, std::chrono::minutes{10});
    EXPECT_EQ(sessions.size(), 2u);
    sessions.expire(std::chrono::minutes{10}, std::chrono::minutes{10});
    EXPECT_THAT(all(sessions), ElementsAre(testing::Pair("8@c2s/1f", "ann@foo.com here")));
}

} // namespace
