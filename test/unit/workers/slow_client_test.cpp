// SPDX-License-Identifier: LGPL-2.1-or-later
// What becomes of a client that does not read what it is sent, and of memory that clients take.
#include "one_client.h"

namespace jabberd::workers {
namespace {

// A client that is logged in and reads little of what it is sent; its queue holds 100 000 bytes.
class SlowClient : public OneClient {
protected:
    SlowClient()
    {
        options_->limits.queue = 100'000;
        options_->limits.memory = 100'000'000;
        shared_.use(options_->limits);
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
    EXPECT_EQ(shared_.memory.held(), 0u);
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

TEST_F(OneClient, UnfinishedStanzasAreCountedAndEndWhenAllTogetherAreTooMuch)
{
    shared_.memory_of_all.most = 150'000; // twice what came is held, and a parser
    log_in();
    say("<message><body>" + std::string(20'000, 'x'));
    EXPECT_GT(shared_.memory.held(), 20'000u);
    EXPECT_EQ(heard(), "");
    say(std::string(60'000, 'x'));
    EXPECT_NE(heard().find("<resource-constraint"), std::string::npos);
    pass(4s);
    EXPECT_EQ(shared_.memory.held(), 0u) << "what is gone is held no more";
}

} // namespace
} // namespace jabberd::workers
