// SPDX-License-Identifier: LGPL-2.1-or-later
// What a connection does because time has passed.
#include "one_client.h"

namespace jabberd::workers {
namespace {

class Deadlines : public OneClient {};

TEST_F(Deadlines, WhoSaysNothingIsToldAndLeftAfterTheAuthtime)
{
    pass(59s);
    EXPECT_EQ(heard(), "");
    pass(2s);
    EXPECT_NE(heard().find("<connection-timeout"), std::string::npos);
}

constexpr const char *xmpp_1_0 = "<stream:stream version='1.0' to='foo.com' xmlns='jabber:client' "
                                 "xmlns:stream='http://etherx.jabber.org/streams'>";

// Ours is configured before its first client: options are read when one comes.
class NoDeadlines : public Deadlines {
protected:
    NoDeadlines()
    {
        options_->authtime = options_->heartbeat = 0s;
        std::array<int, 2> ends;
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
        client_ = UniqueFd{ends[0]};
        ++shared_.connections;
        worker_.adopt({UniqueFd{ends[1]}, {}});
        settle();
    }
};

TEST_F(NoDeadlines, WhoSaysNothingMayStayWithoutAnAuthtime)
{
    pass(240h);
    EXPECT_EQ(heard(), "");
    log_in();
    EXPECT_EQ(connections(), 1u);
}

TEST_F(Deadlines, ASessionManagerThatDoesNotSayWhatItOffersKnowsIqAuthOnly)
{
    silent_ = true;
    say(xmpp_1_0);
    pass(4s);
    EXPECT_EQ(heard().find("<stream:features>"), std::string::npos);
    pass(2s);
    EXPECT_NE(heard().find("<stream:features><auth xmlns='http://jabber.org/features/iq-auth'/>"), std::string::npos);
    silent_ = false;
    say("<iq type='set' id='1'><query xmlns='jabber:iq:auth'/></iq>");
    EXPECT_NE(heard().find("<iq id='1' type='result'/>"), std::string::npos);
}

TEST_F(Deadlines, NothingIsOfferedOnAStreamThatHasEndedMeanwhile)
{
    silent_ = true;
    say(xmpp_1_0);
    pass(3s);
    worker_.run_and_wait([&] { worker_.end_all({stream::Condition::SystemShutdown, "bye"}, 0s); });
    settle();
    EXPECT_TRUE(heard().ends_with("</stream:stream>"));
    pass(2500ms);
    EXPECT_EQ(heard(), "");
    EXPECT_EQ(connections(), 1u) << "it may still read our last words";
}

TEST_F(Deadlines, ASessionManagerThatIsConfiguredToSpeakSaslIsWaitedForUntilTheAuthtime)
{
    options_->sasl = config::SessionManagerSasl::Yes;
    silent_ = true;
    say(xmpp_1_0);
    pass(59s);
    EXPECT_EQ(heard().find("<stream:features>"), std::string::npos);
    pass(2s);
    EXPECT_NE(heard().find("<connection-timeout"), std::string::npos);
}

TEST_F(Deadlines, ASessionManagerThatIsConfiguredToKnowIqAuthIsNotAsked)
{
    options_->sasl = config::SessionManagerSasl::No;
    say(xmpp_1_0);
    EXPECT_EQ(delivered_, 0);
    EXPECT_NE(heard().find("<stream:features><auth xmlns='http://jabber.org/features/iq-auth'/>"), std::string::npos);
}

TEST_F(Deadlines, ADrainEndsSomeAtATimeAndAllInItsTime)
{
    std::vector<UniqueFd> clients;
    for (int i = 0; i < 499; ++i) {
        std::array<int, 2> ends;
        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
        clients.emplace_back(ends[0]);
        ++shared_.connections;
        worker_.adopt({.fd = UniqueFd{ends[1]}, .from = {}});
    }
    settle();
    const auto told = [&] {
        return std::ranges::count_if(clients, [](const UniqueFd &client) {
            pollfd descriptor{client.get(), POLLIN, 0};
            return poll(&descriptor, 1, 0) == 1;
        });
    };
    worker_.run_and_wait([&] { worker_.end_all({stream::Condition::SystemShutdown, "bye"}, 1s); });
    settle();
    EXPECT_GE(told(), 99);
    EXPECT_LE(told(), 101);
    pass(150ms);
    EXPECT_LE(told(), 301);
    for (int i = 0; i < 10; ++i)
        pass(100ms);
    EXPECT_EQ(told(), 499);
}

TEST_F(Deadlines, TheAuthtimeDoesNotStartAgainWithWhatIsSent)
{
    say("<stream:stream to='foo.com' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>");
    pass(59s);
    say(" ");
    heard();
    pass(2s);
    EXPECT_NE(heard().find("<connection-timeout"), std::string::npos);
}

TEST_F(Deadlines, WhoIsLoggedInHasAllTheTime)
{
    log_in();
    pass(24h);
    EXPECT_EQ(connections(), 1u);
}

TEST_F(Deadlines, WhoIsSentNothingIsSentAHeartbeat)
{
    log_in();
    pass(179s);
    EXPECT_EQ(heard(), "");
    pass(2s);
    EXPECT_EQ(heard(), " ");
    pass(90s);
    EXPECT_EQ(heard(), "") << "the next is due a whole interval later";
    pass(91s);
    EXPECT_EQ(heard(), " ");
}

TEST_F(Deadlines, AStanzaThatIsNotFinishedInTimeEndsTheStream)
{
    log_in();
    say("<message><body>");
    pass(299s);
    EXPECT_EQ(heard(), " ") << "the heartbeat";
    pass(2s);
    EXPECT_NE(heard().find("<connection-timeout"), std::string::npos);
    EXPECT_EQ(delivered_, 2) << "the login and the 510";
}

TEST_F(Deadlines, AStanzaIsNotGivenMoreTimeForWhatComesOfIt)
{
    log_in();
    say("<message><body>");
    for (int minute = 0; minute < 4; ++minute) {
        pass(60s);
        say("x");
    }
    EXPECT_EQ(heard().find("<connection-timeout"), std::string::npos);
    pass(59s);
    say("x");
    pass(2s);
    EXPECT_NE(heard().find("<connection-timeout"), std::string::npos);
}

TEST_F(Deadlines, EachStanzaHasItsOwnTime)
{
    log_in();
    say("<message><body>");
    for (int i = 0; i < 5; ++i) {
        pass(200s);
        say("</body></message>\n<message><body>"); // never at a boundary
    }
    EXPECT_EQ(heard().find("<connection-timeout"), std::string::npos);
    say("</body></message> ");
    pass(24h);
    EXPECT_EQ(heard().find("<connection-timeout"), std::string::npos) << "white space is no stanza";
    EXPECT_EQ(connections(), 1u);
}

TEST_F(Deadlines, AStanzaIsNotBlamedForWhatWeDoNotRead)
{
    log_in();
    full_ = true;
    say("<presence/><message><body>");
    pass(400s);
    EXPECT_EQ(heard().find("<connection-timeout"), std::string::npos);
    full_ = false;
    shared_.host.resumed();
    worker_.run_and_wait([&] { worker_.resume_host(); });
    settle();
    pass(299s);
    EXPECT_EQ(heard().find("<connection-timeout"), std::string::npos);
    pass(2s);
    EXPECT_NE(heard().find("<connection-timeout"), std::string::npos);
}

TEST_F(Deadlines, TheTimeOfAStanzaGoesOnInASuccessor)
{
    log_in();
    say("<message><body>");
    pass(250s);
    worker_.halt();
    handover::State state;
    worker_.freeze(state);
    ASSERT_EQ(state.connections.size(), 1u);
    Worker successor{shared_, options_, 0, 1};
    successor.thaw(place_of(parse_connection_address(state.connections[0].address).value(), 1).slot,
                   state.connections[0]);
    worker_.relinquish();
    successor.attach();
    successor.start();
    successor.run_and_wait([&] { successor.wake(); });
    const auto pass_there = [&](Duration duration) {
        clock_.pass(duration);
        for (int turn = 0; turn < 3; ++turn)
            successor.run_and_wait([] {});
    };
    pass_there(49s);
    EXPECT_EQ(heard().find("<connection-timeout"), std::string::npos);
    pass_there(2s);
    EXPECT_NE(heard().find("<connection-timeout"), std::string::npos);
    successor.join();
}

TEST_F(Deadlines, NoHeartbeatComesInsideASaslExchange)
{
    features_ = "<query xmlns='jabber:iq:stream-features'><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
                "<mechanism>A</mechanism></mechanisms></query>";
    options_->authtime = 0s; // of clients to come
    std::array<int, 2> ends;
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    client_ = UniqueFd{ends[0]};
    ++shared_.connections;
    worker_.adopt({UniqueFd{ends[1]}, {}});
    settle();
    say(xmpp_1_0);
    heard();
    pass(181s);
    EXPECT_EQ(heard(), " ") << "before it there may be";
    say("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='A'>eA==</auth>");
    pass(400s);
    EXPECT_EQ(heard(), "");
}

TEST_F(Deadlines, AHeartbeatFindsOutThatAClientIsGone)
{
    log_in();
    delivered_ = 0;
    client_.reset(); // and nobody says so: the event is the heartbeat's error, or the end of the stream
    pass(181s);
    EXPECT_EQ(connections(), 0u);
    EXPECT_EQ(delivered_, 1) << "the 510";
}

TEST_F(Deadlines, WhoDoesNotCloseAfterOurLastWordsIsClosed)
{
    say("<presence/>"); // no stream
    EXPECT_NE(heard().find("</stream:stream>"), std::string::npos);
    pass(2s);
    EXPECT_EQ(connections(), 1u) << "it may still be reading";
    pass(2s);
    EXPECT_EQ(connections(), 0u);
}

TEST_F(Deadlines, AnotherMechanismOfTheSameTryCostsWhatANewConnectionDoes)
{
    options_->plain_in_the_clear = true;
    options_->limits.attempts = {.per_second = 1, .burst = 1};
    shared_.address_caps.admit({}, 0, options_->limits.attempts, clock_.now());
    refuses_ = true;
    say(xmpp_1_0);
    const auto tries_twice = [this] {
        say("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAcw==</auth>");
        say("<iq type='set' id='1'><query xmlns='jabber:iq:auth'/></iq>");
        return heard();
    };
    const std::string first = tries_twice();
    EXPECT_NE(first.find("<not-authorized"), std::string::npos) << first;
    EXPECT_EQ(first.find("<policy-violation"), std::string::npos) << first;
    const std::string second = tries_twice();
    EXPECT_NE(second.find("<policy-violation"), std::string::npos) << second;
}

} // namespace
} // namespace jabberd::workers
