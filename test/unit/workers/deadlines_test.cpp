// SPDX-License-Identifier: LGPL-2.1-or-later
// What a connection does because time has passed. The clock is held: nobody waits for it.
#include "base/view.h"
#include "workers/worker.h"

#include <gtest/gtest.h>

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <string>
#include <vector>

namespace jabberd::workers {
namespace {

using namespace std::chrono_literals;

class HeldClock final : public Clock {
public:
    Time now() const override { return Time{now_.load()}; }
    void pass(Duration duration) { now_ = now_.load() + duration; }

private:
    std::atomic<Duration> now_{1h};
};

// One client on one worker, and a host that accepts every login at once.
class Deadlines : public testing::Test {
protected:
    Deadlines()
    {
        host_.size = sizeof host_;
        host_.host_data = this;
        host_.deliver = [](const jabberd_host *host, const jabberd_packet *packet) {
            auto &self = *static_cast<Deadlines *>(host->host_data);
            self.answer(*packet);
            return self.full_ ? JABBERD_FULL : JABBERD_DELIVERED;
        };
        host_.log = [](const jabberd_host *, const jabberd_log_record *) {};
        options_->host = "c2s";
        options_->authtime = 60s;
        options_->heartbeat = 180s;
        options_->limits.memory = 100'000;

        std::array<int, 2> ends;
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
        client_ = UniqueFd{ends[0]};
        worker_.start();
        ++shared_.connections;
        worker_.adopt({UniqueFd{ends[1]}, {}});
        settle();
    }

    void answer(const jabberd_packet &packet)
    {
        delivered_ += 1;
        if (text(packet.name) != "iq" || silent_)
            return;
        jabberd_packet result = packet;
        result.type = refuses_ ? view("error") : view("result");
        result.sto = packet.sfrom;
        result.sfrom = view("alice@foo.com/r");
        result.body = view(features_);
        connection_ = text(result.sto);
        const Place place = place_of(parse_connection_address(text(result.sto)).value(), 1);
        worker_.receive(place.slot, result, false);
    }

    // Whatever the worker had to do at this moment is done: the first turn sees the time and what came, the second ends
    // what the first began.
    void settle()
    {
        for (int turn = 0; turn < 3; ++turn)
            worker_.run_and_wait([] {});
    }

    void say(std::string_view words)
    {
        ASSERT_EQ(send(client_.get(), words.data(), words.size(), MSG_NOSIGNAL), static_cast<ssize_t>(words.size()));
        settle();
    }

    void log_in()
    {
        say("<stream:stream to='foo.com' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>");
        say("<iq type='set' id='1'><query xmlns='jabber:iq:auth'/></iq>");
        ASSERT_NE(heard().find("<iq id='1' type='result'/>"), std::string::npos);
    }

    void pass(Duration duration)
    {
        clock_.pass(duration);
        settle();
    }

    // All that has come since the last time.
    std::string heard()
    {
        std::string all;
        std::array<char, 4096> some;
        for (ssize_t got; (got = recv(client_.get(), some.data(), some.size(), 0)) > 0;)
            all.append(some.data(), static_cast<std::size_t>(got));
        return all;
    }

    std::size_t connections()
    {
        std::size_t count = 0;
        worker_.run_and_wait([&] { count = worker_.size(); });
        return count;
    }

    HeldClock clock_;
    std::string connection_; // that logged in
    jabberd_host host_{};
    std::atomic<int> delivered_{0};
    std::atomic<bool> silent_{false}; // answers nothing
    std::atomic<bool> full_{false};
    std::atomic<bool> refuses_{false};
    std::string features_; // what it offers; before the first question
    connection::Shared shared_{host_, clock_};
    std::shared_ptr<config::Options> options_ = std::make_shared<config::Options>();
    UniqueFd client_;
    Worker worker_{shared_, options_, 0, 1};
};

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

// A client that is logged in and reads little of what it is sent; its queue holds 100 000 bytes.
class SlowClient : public Deadlines {
protected:
    SlowClient()
    {
        options_->limits.queue = 100'000;
        options_->limits.memory = 100'000'000;
        log_in();
    }

    void is_sent(std::size_t bytes, int count = 1)
    {
        const std::string body = "<body>" + std::string(bytes, 'x') + "</body>";
        jabberd_packet packet{};
        packet.size = sizeof packet;
        packet.name = view("message");
        packet.body = view(body);
        packet.sto = view(connection_);
        packet.sfrom = view("alice@foo.com");
        const Place place = place_of(parse_connection_address(connection_).value(), 1);
        for (int i = 0; i < count; ++i)
            worker_.receive(place.slot, packet, false);
        settle();
    }

    void reads(std::size_t most)
    {
        std::string some(most, '\0');
        EXPECT_GT(recv(client_.get(), some.data(), some.size(), 0), 0);
        settle();
    }
};

TEST_F(SlowClient, IsNotDisconnectedForOneLargeStanza)
{
    is_sent(2'000'000); // a roster
    is_sent(500, 100);  // and the presence of those in it
    for (int minute = 0; minute < 10; ++minute) {
        pass(50s);
        reads(50'000);
    }
    EXPECT_EQ(connections(), 1u);
    is_sent(1'000'000); // the next of what it asked for
    is_sent(500, 100);
    EXPECT_EQ(connections(), 1u);
    while (!heard().empty())
        settle();
    pass(10min);
    EXPECT_EQ(connections(), 1u) << "it has read all: nothing is expected of it";
}

TEST_F(SlowClient, ThatReadsNothingIsDisconnectedAfterAMinute)
{
    is_sent(2'000'000);
    pass(59s);
    EXPECT_EQ(connections(), 1u);
    pass(2s);
    EXPECT_EQ(connections(), 0u);
    EXPECT_EQ(shared_.memory, 0u);
}

TEST_F(SlowClient, HasToReadInEveryMinute)
{
    is_sent(2'000'000);
    pass(30s);
    reads(50'000);
    pass(31s);
    EXPECT_EQ(connections(), 1u);
    pass(61s);
    EXPECT_EQ(connections(), 0u);
}

TEST_F(SlowClient, IsDisconnectedWhenMuchPilesUp)
{
    is_sent(2'000'000);
    is_sent(10'000, 35);
    EXPECT_EQ(connections(), 1u);
    is_sent(10'000, 10);
    EXPECT_EQ(connections(), 0u);
}

TEST_F(SlowClient, HasNoMoreThanItsQueueWhereMemoryIsScarce)
{
    options_->limits.memory = 3'000'000;
    is_sent(2'000'000);
    is_sent(10'000, 9);
    EXPECT_EQ(connections(), 1u);
    is_sent(10'000, 5);
    EXPECT_EQ(connections(), 0u);
}

TEST_F(Deadlines, UnfinishedStanzasAreCountedAndEndWhenAllTogetherAreTooMuch)
{
    log_in();
    say("<message><body>" + std::string(20'000, 'x'));
    EXPECT_GT(shared_.memory, 20'000u);
    EXPECT_EQ(heard(), "");
    say(std::string(60'000, 'x'));
    EXPECT_NE(heard().find("<resource-constraint"), std::string::npos);
    pass(4s);
    EXPECT_EQ(shared_.memory, 0u) << "what is gone is held no more";
}

} // namespace
} // namespace jabberd::workers
