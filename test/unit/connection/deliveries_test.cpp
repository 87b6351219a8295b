// SPDX-License-Identifier: LGPL-2.1-or-later
// What the session manager is given, and the one notice that it is owed.
#include "fakes.h"

#include "connection/deliveries.h"

#include <jabberd/snapshot.h>

#include <gtest/gtest.h>

namespace jabberd::connection {
namespace {

class DeliveriesOfAConnection : public testing::Test {
protected:
    session::Session session(bool authenticated) const
    {
        handover::ConnectionState state;
        state.address = "1@c2s/a";
        state.to = "foo.com";
        if (authenticated) {
            state.session = JABBERD_SESSION_BOUND;
            state.identity = "alice@foo.com/r";
        }
        return session::Session{state};
    }

    void deliver(std::string_view body)
    {
        session::Outbound outbound{message(body)};
        deliveries_.deliver(link_, outbound);
    }

    NotingHost host_;
    HostLink link_{host_.abi};
    Deliveries deliveries_;
};

constexpr const char *a_510 = "<message type='error' sto='alice@foo.com/r' sfrom='1@c2s/a'>"
                              "<error code='510'>Disconnected</error></message>";

TEST_F(DeliveriesOfAConnection, WaitInOrderWhileTheHostIsFull)
{
    host_.full = true;
    deliver("1"); // it is told FULL with this one
    deliver("2");
    deliver("3");
    EXPECT_EQ(host_.delivered, std::vector<std::string>{"<message>1</message>"});
    host_.full = false;
    link_.resumed();
    deliver("4");
    EXPECT_EQ(host_.delivered.size(), 1u) << "those before it are first";
    deliveries_.resume(link_);
    EXPECT_EQ(host_.delivered, (std::vector<std::string>{"<message>1</message>", "<message>2</message>",
                                                         "<message>3</message>", "<message>4</message>"}));
}

TEST_F(DeliveriesOfAConnection, EndWithOneNoticeBehindAllThatWaited)
{
    host_.full = true;
    deliver("1");
    deliver("2");
    session::Session alice = session(true);
    deliveries_.end(link_, alice);
    deliveries_.end(link_, alice);
    EXPECT_EQ(host_.delivered, (std::vector<std::string>{"<message>1</message>", "<message>2</message>", a_510}));
}

TEST_F(DeliveriesOfAConnection, OweNothingToOneThatHasEndedTheSession)
{
    session::Session alice = session(true);
    deliveries_.note_ended();
    deliveries_.end(link_, alice);
    EXPECT_TRUE(host_.delivered.empty());
}

TEST_F(DeliveriesOfAConnection, OweNothingToOneThatKnowsOfNoLogin)
{
    session::Session stranger = session(false);
    deliveries_.end(link_, stranger);
    EXPECT_TRUE(host_.delivered.empty());
}

TEST_F(DeliveriesOfAConnection, CrossASwap)
{
    host_.full = true;
    deliver("1");
    deliver("2");
    handover::ConnectionState state;
    deliveries_.save(state);
    EXPECT_EQ(state.held, std::vector<std::string>{"<message>2</message>"});
    Deliveries successor;
    successor.restore(state);
    link_.resumed();
    successor.resume(link_);
    EXPECT_EQ(host_.delivered.back(), "<message>2</message>");
    session::Session alice = session(true);
    successor.end(link_, alice);
    EXPECT_EQ(host_.delivered.back(), a_510);
    successor.save(state);
    EXPECT_TRUE(state.ended);
}

} // namespace
} // namespace jabberd::connection
