// SPDX-License-Identifier: LGPL-2.1-or-later
// What many clients of one address, or one that does much, leave to the others.
#include "one_client.h"

#include <memory>

namespace jabberd::workers {
namespace {

// Clients of several addresses, logged in. What they say is written down in the order in which the session manager got
// it, and costs it some time.
class FairShares : public OneClient {
protected:
    // However little of it fits into a turn of a slow machine.
    void settle()
    {
        for (int turn = 0; turn < 100; ++turn)
            worker_.run_and_wait([] {});
    }

    FairShares()
    {
        shared_.memory_of_all.most = shared_.memory_of_address.most = 0;
        host_.deliver = [](const jabberd_host *host, const jabberd_packet *packet) {
            auto &self = *static_cast<FairShares *>(static_cast<OneClient *>(host->host_data));
            const bool is_notice = text(packet->type) == "error";
            if (text(packet->name) == "message" && !is_notice)
                self.heard_.emplace_back(text(packet->body));
            self.clock_.pass(self.cost_);
            if (self.heard_.size() == self.stop_at_)
                self.worker_.loop().stop(); // after this turn
            if (!is_notice)
                self.answer(*packet);
            return JABBERD_DELIVERED;
        };
    }

    // Its clients have gone, and the worker tells of each: while there is somebody to be told.
    ~FairShares() override { worker_.join(); }

    struct Someone {
        UniqueFd fd;
        std::string heard; // since the login

        void say(std::string_view words) const
        {
            ASSERT_EQ(::send(fd.get(), words.data(), words.size(), MSG_NOSIGNAL), static_cast<ssize_t>(words.size()));
        }
        const std::string &hear()
        {
            std::array<char, 4096> some;
            for (ssize_t got; (got = recv(fd.get(), some.data(), some.size(), 0)) > 0;)
                heard.append(some.data(), static_cast<std::size_t>(got));
            return heard;
        }
    };

    Someone from(std::string_view address)
    {
        std::array<int, 2> ends;
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
        const int room = 4'000'000;
        setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
        Someone someone{UniqueFd{ends[0]}, {}};
        const auto where = *net::SocketAddress::parse(address, 1);
        EXPECT_EQ(shared_.address_caps.admit(where, 0, {}, clock_.now()), net::AddressCaps::Verdict::Admitted);
        ++shared_.connections;
        worker_.adopt({UniqueFd{ends[1]}, where});
        someone.say(
            "<stream:stream to='foo.com' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>");
        settle();
        someone.say("<iq type='set' id='1'><query xmlns='jabber:iq:auth'/></iq>");
        settle();
        EXPECT_NE(someone.hear().find("<iq id='1' type='result'/>"), std::string::npos);
        someone.heard.clear();
        return someone;
    }

    // All of it is there when the next turn begins.
    void at_once(const std::function<void()> &what)
    {
        worker_.run_and_wait(what);
        while (worker_is_busy())
            settle();
        settle();
    }
    bool worker_is_busy()
    {
        const std::size_t before = heard_count();
        settle();
        return heard_count() != before;
    }
    std::size_t heard_count()
    {
        std::size_t count = 0;
        worker_.run_and_wait([&] { count = heard_.size(); });
        return count;
    }
    std::size_t place_of_first(std::string_view body)
    {
        std::size_t place = 0;
        worker_.run_and_wait(
            [&] { place = static_cast<std::size_t>(std::ranges::find(heard_, body) - heard_.begin()); });
        return place;
    }

    std::vector<std::string> heard_; // by the session manager
    std::size_t stop_at_ = SIZE_MAX;
    Duration cost_{};
};

std::string messages(int count, const std::string &body)
{
    std::string all;
    for (int i = 0; i < count; ++i)
        all += "<message>" + body + "</message>";
    return all;
}

TEST_F(FairShares, WhoSaysMuchAtOnceIsHeardInTurnsWithTheOthers)
{
    const Someone flooder = from("192.0.2.1"), friendly = from("192.0.2.2");
    cost_ = 100us;
    at_once([&] {
        flooder.say(messages(300, "<f/>"));
        friendly.say(messages(1, "<b/>"));
    });
    EXPECT_EQ(heard_count(), 301u);
    EXPECT_LT(place_of_first("<b/>"), 20u) << "the slice of the other comes first, at most";
    EXPECT_GT(worker_.counters().postponed.get(), 10u);
}

TEST_F(FairShares, ManyOfOneAddressHaveNoMoreOfATurnThanOneOfAnother)
{
    std::vector<Someone> flooders;
    for (int i = 0; i < 40; ++i)
        flooders.push_back(from("192.0.2.1"));
    const Someone friendly = from("192.0.2.2"), neighbour = from("192.0.2.1");
    cost_ = 100us;
    at_once([&] {
        for (const Someone &flooder : flooders)
            flooder.say(messages(100, "<f/>"));
        neighbour.say(messages(1, "<n/>"));
        friendly.say(messages(1, "<b/>"));
    });
    EXPECT_EQ(heard_count(), 4002u);
    EXPECT_LT(place_of_first("<b/>"), 40u) << "what the address of the flooders has of one turn";
    EXPECT_LT(place_of_first("<n/>"), 400u) << "one slice of each of its neighbours, who are forty";
}

TEST_F(FairShares, OrderIsKeptOverTheTurns)
{
    const Someone flooder = from("192.0.2.1");
    cost_ = 100us;
    std::string all;
    for (int i = 0; i < 1000; ++i)
        all += messages(1, "<n i='" + std::to_string(i) + "'/>");
    at_once([&] { flooder.say(all); });
    ASSERT_EQ(heard_count(), 1000u);
    for (std::size_t i = 0; i < 1000; ++i)
        ASSERT_EQ(heard_[i], "<n i='" + std::to_string(i) + "'/>");
}

TEST_F(FairShares, WhatWaitsForItsTurnCrossesASwap)
{
    const Someone flooder = from("192.0.2.1");
    cost_ = 100us;
    stop_at_ = 3;
    std::string all;
    for (int i = 0; i < 300; ++i)
        all += messages(1, "<n i='" + std::to_string(i) + "'/>");
    const int enough = delivered_ + 3;
    flooder.say(all);
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    while (delivered_ < enough && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    worker_.halt();
    ASSERT_GE(heard_.size(), 3u);
    EXPECT_LT(heard_.size(), 20u);

    handover::State state;
    worker_.freeze(state);
    EXPECT_TRUE(std::ranges::any_of(state.connections, [](const auto &each) { return !each.unread.empty(); }));
    Worker successor{shared_, options_, 0, 1};
    for (const auto &each : state.connections)
        successor.thaw(place_of(parse_connection_address(each.address).value(), 1).slot, each);
    worker_.relinquish();
    successor.attach();
    successor.start();
    successor.run([&] { successor.wake(); });
    for (std::size_t before = 0, now = 1; now != before;) {
        before = std::exchange(now, 0);
        for (int turn = 0; turn < 3; ++turn)
            successor.run_and_wait([&] { now = heard_.size(); });
    }
    successor.join();
    ASSERT_EQ(heard_.size(), 300u);
    for (std::size_t i = 0; i < 300; ++i)
        ASSERT_EQ(heard_[i], "<n i='" + std::to_string(i) + "'/>");
}

TEST_F(FairShares, AnswersToItsOwnRequestsAreARequestersOwnBytes)
{
    options_->limits.bytes = {.per_second = 1000, .burst = 10'000};
    const Someone requester = from("192.0.2.1");
    features_ = "<roster>" + std::string(100'000, 'x') + "</roster>";
    pass(1s);
    const int before = delivered_;
    requester.say("<iq type='get' id='2'/><iq type='get' id='3'/><iq type='get' id='4'/>");
    settle();
    EXPECT_EQ(delivered_ - before, 1) << "12 500 bytes for an answer of 100 000";
    pass(20s);
    EXPECT_EQ(delivered_ - before, 2);
    pass(20s);
    pass(20s);
    EXPECT_EQ(delivered_ - before, 3);
    EXPECT_GT(worker_.counters().throttled.get(), 0u);
}

TEST_F(FairShares, DeclarationsThatEachChildRepeatsAreItsSendersBytes)
{
    options_->limits.bytes = {.per_second = 1000, .burst = 10'000};
    const Someone sender = from("192.0.2.1");
    pass(1s);
    std::string repeating = "<message xmlns:p='" + std::string(400, 'u') + "'>";
    for (int i = 0; i < 30; ++i)
        repeating += "<p:a/>";
    repeating += "</message>";
    sender.say(repeating + messages(1, "<after/>"));
    settle();
    EXPECT_EQ(heard_count(), 1u) << "it has become 12 KB";
    pass(20s);
    EXPECT_EQ(heard_count(), 2u);
}

TEST_F(FairShares, WhoHoldsMostGoesFirstWhenMemoryIsScarce)
{
    Someone bystander = from("192.0.2.2");
    bystander.say("<message><body>" + std::string(20'000, 'b'));
    std::vector<Someone> holders;
    for (int i = 0; i < 10; ++i)
        holders.push_back(from("192.0.2.1"));
    shared_.memory_of_all.most = 1'000'000;
    for (const Someone &holder : holders) {
        holder.say("<message><body>" + std::string(100'000, 'x'));
        settle();
    }
    bystander.say("</body></message>");
    settle();
    EXPECT_EQ(heard_count(), 1u);
    EXPECT_EQ(bystander.hear(), "");
    EXPECT_LE(shared_.memory.held(), 1'000'000u);
    EXPECT_GT(worker_.counters().ended_by_memory.get(), 0u);
    EXPECT_TRUE(std::ranges::any_of(
        holders, [](Someone &holder) { return holder.hear().find("<resource-constraint") != std::string::npos; }));
    EXPECT_TRUE(std::ranges::any_of(holders, [](Someone &holder) { return holder.hear().empty(); }))
        << "some of it is given up, not all";
}

TEST_F(FairShares, AnAddressHoldsNoMoreThanItsPartAndItsHeaviestGoFirst)
{
    shared_.memory_of_address.most = 1'000'000;
    Someone light = from("192.0.2.1");
    light.say("<message><body>" + std::string(5'000, 'b'));
    std::vector<Someone> heavy;
    for (int i = 0; i < 20; ++i) {
        heavy.push_back(from("192.0.2.1"));
        heavy.back().say("<message><body>" + std::string(100'000, 'x'));
        settle();
    }
    EXPECT_LE(shared_.memory.held(), 1'000'000u);
    EXPECT_GT(worker_.counters().ended_by_memory_per_address.get(), 5u);
    light.say("</body></message>");
    settle();
    EXPECT_EQ(heard_count(), 1u);
}

TEST_F(FairShares, WhatIsNotReadIsGivenUpLikeWhatIsNotFinished)
{
    shared_.memory_of_address.most = 10'000'000;
    options_->limits.queue = 100'000'000;
    const std::string roster = "<roster>" + std::string(2'000'000, 'x') + "</roster>";
    const Someone light = from("192.0.2.1");
    std::vector<Someone> deaf;
    for (int i = 0; i < 8; ++i) {
        features_ = "";
        deaf.push_back(from("192.0.2.1"));
        features_ = roster;
        deaf.back().say("<iq type='get' id='2'/>");
        settle();
    }
    EXPECT_LE(shared_.memory.held(), 10'000'000u);
    EXPECT_GT(worker_.counters().ended_by_memory_per_address.get(), 0u);
    EXPECT_GT(worker_.counters().returned.get(), 0u) << "what was not read goes back";
    light.say(messages(1, "<b/>"));
    settle();
    EXPECT_EQ(heard_count(), 1u);
}

} // namespace
} // namespace jabberd::workers
