// SPDX-License-Identifier: LGPL-2.1-or-later
// Hosts with links between them, over a broker.
#include "member.h"

#include "link/carrier/announcement.h"
#include "link/carrier/nats_connection.h"
#include "support/broker.h"

#include <gmock/gmock.h>

#include <optional>

namespace {

using namespace jabberd::link::test;
using jabberd::test::Broker;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class AtABroker : public testing::Test {
protected:
    void SetUp() override
    {
        if (!Broker::available())
            GTEST_SKIP() << "nats-server is not installed, or this build is without libnats";
        broker.emplace();
        front.emplace(std::vector<std::string>{"c2s"}, section("front"));
        back.emplace(std::vector<std::string>{"foo.com"}, section("back"));
        EXPECT_TRUE(front->wait_for_claim("foo.com")) << front->log();
        EXPECT_TRUE(back->wait_for_claim("c2s")) << back->log();
    }

    std::string section(const std::string &name) const { return "<name>" + name + "</name>" + broker->section(); }

    void log_in()
    {
        front->send("<iq type='set' id='1' sto='foo.com' sfrom='7@c2s/1f'><query xmlns='jabber:iq:auth'/></iq>");
        EXPECT_THAT(back->next(), HasSubstr("sto='foo.com' sfrom='7@c2s/1f'"));
        back->send("<iq type='result' id='1' sto='7@c2s/1f' sfrom='ann@foo.com/r'/>");
        EXPECT_THAT(front->next(), HasSubstr("sto='7@c2s/1f' sfrom='ann@foo.com/r'"));
    }

    std::optional<Broker> broker;
    std::optional<Member> front, back;
};

TEST_F(AtABroker, TheyFindEachOtherAndCarryPackets)
{
    log_in();
    EXPECT_THAT(front->status(), AllOf(HasSubstr("peer back: up for "), HasSubstr("NATS 127.0.0.1:"),
                                       HasSubstr(" inbox jabberd.inbox.back")));
}

TEST_F(AtABroker, AThirdThatComesLaterIsFoundByAllAndFindsAll)
{
    Member third{{"bar.com"}, section("third/of-3")};
    EXPECT_TRUE(front->wait_for_claim("bar.com")) << front->log();
    EXPECT_TRUE(back->wait_for_claim("bar.com")) << back->log();
    EXPECT_TRUE(third.wait_for_claim("c2s")) << third.log();
    EXPECT_TRUE(third.wait_for_claim("foo.com")) << third.log();
    third.send("<message to='c2s' from='x@bar.com'><body>hello</body></message>");
    EXPECT_THAT(front->next(), HasSubstr("<body>hello</body>"));
    log_in();
}

TEST_F(AtABroker, ASessionIsEndedWhenItsPeerIsGone)
{
    log_in();
    back->die();
    EXPECT_TRUE(front->wait_for_claim("foo.com", false)) << front->log();
    EXPECT_THAT(front->next(), HasSubstr("remote-connection-failed"));
    EXPECT_TRUE(front->wait_for_line("link to back given up: ")) << front->log();
    back->live();
    EXPECT_TRUE(front->wait_for_claim("foo.com")) << front->log();
    log_in();
}

TEST_F(AtABroker, WhatWasGivenWhileTheBrokerWasAwayArrivesOnceAndInOrder)
{
    log_in();
    broker->kill();
    EXPECT_TRUE(front->wait_for_line("the broker cannot be reached: ")) << front->log();
    for (int i = 0; i < 20; ++i)
        front->send("<message id='" + std::to_string(i) + "' sto='ann@foo.com/r' sfrom='7@c2s/1f'/>");
    broker->start();
    for (int i = 0; i < 20; ++i)
        ASSERT_THAT(back->next(), HasSubstr("id='" + std::to_string(i) + "'")) << back->log();
    EXPECT_THAT(front->log() + back->log(), Not(HasSubstr("given up")));
}

// Another member of the broker's account, which is none of ours.
class StrangerAtTheBroker {
public:
    explicit StrangerAtTheBroker(const Broker &broker)
        : connection_({{broker.url()}, "jabberd", Broker::user, Broker::password, ""}, "stranger")
    {
    }
    void say(const std::string &subject, std::string_view message)
    {
        EXPECT_TRUE(connection_.publish(subject, nullptr, message));
    }

private:
    jabberd::link::NatsConnection connection_;
};

TEST_F(AtABroker, WhatIsNoFrameIsOneLine)
{
    StrangerAtTheBroker stranger{*broker};
    for (int i = 0; i < 100; ++i) {
        stranger.say("jabberd.inbox.front", "");
        stranger.say("jabberd.inbox.front", "JLK1 and nothing more");
        stranger.say("jabberd.all", std::string(40'000, 'x'));
    }
    EXPECT_TRUE(front->wait_for_line("is not of this protocol, ignoring")) << front->log();
    log_in();
    EXPECT_EQ(front->lines_with("of this protocol"), 1u) << front->log();
}

TEST_F(AtABroker, NoMorePeersAreFoundThanTheirPartsAllow)
{
    StrangerAtTheBroker stranger{*broker};
    for (int i = 0; i < 300; ++i) {
        std::string bytes;
        const std::string name = "made-up-" + std::to_string(i);
        jabberd::link::write_announcement({name, 7, 1, true}, bytes);
        stranger.say("jabberd.all", bytes);
    }
    EXPECT_TRUE(front->wait_for_line("there are too many processes in this cluster")) << front->log();
    EXPECT_EQ(front->lines_with("found made-up-"), 255u); // and one is real
    log_in();
}

TEST_F(AtABroker, EachIsSwappedTwentyTimesAndNothingIsLost)
{
    log_in();
    for (int i = 0; i < 20; ++i) {
        for (int half = 0; half < 2; ++half)
            front->send("<message id='" + std::to_string(2 * i + half) + "' sto='ann@foo.com/r' sfrom='7@c2s/1f'/>");
        front->swap();
        back->swap();
    }
    for (int i = 0; i < 40; ++i)
        EXPECT_THAT(back->next(), HasSubstr("id='" + std::to_string(i) + "'")) << back->log();
    EXPECT_THAT(front->log() + back->log(), Not(HasSubstr("given up")));
}

TEST_F(AtABroker, ASecondProcessOfOneNameHasNoLinksWhileTheFirstIsThere)
{
    log_in();
    std::optional<Member> second{std::in_place, std::vector<std::string>{"bar.com"}, section("back")};
    EXPECT_TRUE(second->wait_for_line("is called back already")) << second->log();
    EXPECT_TRUE(back->wait_for_line("calls itself back, and is refused")) << back->log();
    log_in();
    EXPECT_THAT(second->status(), Not(HasSubstr(": up")));
    EXPECT_THAT(front->log(), Not(HasSubstr("given up")));
}

} // namespace
