// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using ::testing::HasSubstr;

std::string message(std::string_view to, std::string_view text, std::string_view type = "chat")
{
    return "<message to='" + std::string{to} + "' type='" + std::string{type} + "'><body>" + std::string{text} +
           "</body></message>";
}

TEST(Messages, ReachTheSessionTheyName)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.sends("<message to='bob@foo.com/work' from='forged@foo.com/x' id='1' type='chat'><body>hi &amp; "
                "all</body></message>");
    EXPECT_EQ(bob.gets_routed(),
              canonical("<message to='bob@foo.com/work' from='alice@foo.com/home' id='1' type='chat' sto='" +
                        bob.connection + "' sfrom='bob@foo.com'><body>hi &amp; all</body></message>"));
}

TEST(Messages, FindTheirUserHoweverTheAddressIsWritten)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.sends(message("BOB@Foo.Com/work", "hi"));
    EXPECT_EQ(
        bob.gets(),
        canonical("<message to='BOB@Foo.Com/work' from='alice@foo.com/home' type='chat'><body>hi</body></message>"));
}

TEST(Messages, ReachTheHighestPriority)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), low = server.log_in("bob", "low"),
                    high = server.log_in("bob", "high");
    low.comes_online("1");
    high.comes_online("5");
    low.gets(); // presence of the other
    high.gets();
    alice.sends(message("bob@foo.com", "hi"));
    EXPECT_THAT(high.gets(), HasSubstr("hi"));
    EXPECT_TRUE(low.is_quiet());
}

// Two sessions of bob that messages to him reach, and one that they do not.
struct Devices {
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), one = server.log_in("bob", "one"),
                    two = server.log_in("bob", "two"), low = server.log_in("bob", "low");

    Devices()
    {
        low.comes_online("-1");
        one.comes_online("1");
        two.comes_online("1");
        for (ConnectedClient *client : {&low, &one, &two})
            EXPECT_NE(client->gets(), "(nothing)"); // presence of another
        low.gets();
        one.gets();
        two.gets();
        EXPECT_TRUE(one.is_quiet() && two.is_quiet() && low.is_quiet());
    }
};

TEST(Messages, ReachAllSessionsOfTheHighestPriority)
{
    for (const char *type : {"chat", "normal", "of the future"}) {
        Devices bob;
        bob.alice.sends(message("bob@foo.com", "hi", type));
        EXPECT_THAT(bob.one.gets(), HasSubstr("<body>hi</body>")) << type;
        EXPECT_THAT(bob.two.gets(), HasSubstr("<body>hi</body>")) << type;
        EXPECT_TRUE(bob.one.is_quiet() && bob.two.is_quiet() && bob.low.is_quiet()) << type;
    }
}

TEST(Messages, ThatOneOfSeveralSessionsGivesBackAreWithTheOthers)
{
    Devices bob;
    bob.alice.sends(message("bob@foo.com", "hi"));
    bob.one.gets();
    bob.two.gets();
    bob.one.returns("<message from='alice@foo.com/home' to='bob@foo.com' type='chat'><body>hi</body></message>");
    EXPECT_THAT(bob.two.gets(), HasSubstr("unavailable"));
    EXPECT_TRUE(bob.two.is_quiet());
    EXPECT_THAT(bob.server.status(), HasSubstr("offline_messages=0"));
}

TEST(Messages, ThatAllSessionsGiveBackAreStoredOnce)
{
    Devices bob;
    bob.alice.sends(message("bob@foo.com", "hi"));
    bob.one.gets();
    bob.two.gets();
    for (ConnectedClient *client : {&bob.one, &bob.two})
        client->returns("<message from='alice@foo.com/home' to='bob@foo.com' type='chat'><body>hi</body></message>");
    EXPECT_THAT(bob.server.status(), HasSubstr("offline_messages=1"));
}

TEST(Messages, ThatOneSessionOnlyHadAreGivenToAnotherWhenTheyComeBack)
{
    Devices bob;
    bob.alice.sends(message("bob@foo.com/one", "hi"));
    bob.one.gets();
    bob.one.returns("<message from='alice@foo.com/home' to='bob@foo.com/one' type='chat'><body>hi</body></message>");
    EXPECT_THAT(bob.two.gets(), HasSubstr("unavailable"));
    EXPECT_THAT(bob.two.gets(), HasSubstr("<body>hi</body>"));
}

TEST(Messages, ToAMissingSessionFallBackToTheUser)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    bob.comes_online();
    alice.sends(message("bob@foo.com/gone", "hi"));
    EXPECT_THAT(bob.gets(), HasSubstr("hi"));
}

TEST(Messages, OfARoomDoNotFallBack)
{
    Server server;
    ConnectedClient bob = server.log_in("bob", "work");
    bob.comes_online();
    server.sends("<message to='bob@foo.com/gone' from='room@muc/x' type='groupchat'><body>hi</body></message>");
    EXPECT_EQ(server.next(), canonical("<message to='room@muc/x' from='bob@foo.com/gone' type='error'><body>hi</body>" +
                                       service_unavailable + "</message>"));
    EXPECT_TRUE(bob.is_quiet());
}

TEST(Messages, OfTypeHeadlineReachAllSessionsAndAreNotStored)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), one = server.log_in("bob", "one"),
                    two = server.log_in("bob", "two");
    alice.sends(message("bob@foo.com", "nobody online", "headline"));
    one.comes_online();
    two.comes_online();
    one.gets();
    two.gets();
    alice.sends(message("bob@foo.com", "news", "headline"));
    EXPECT_THAT(one.gets(), HasSubstr("news"));
    EXPECT_THAT(two.gets(), HasSubstr("news"));
}

TEST(Messages, OfTypeErrorAreNeverStoredNorAnswered)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.sends(message("bob@foo.com", "x", "error"));
    alice.sends(message("nobody@foo.com", "x", "error"));
    EXPECT_TRUE(alice.is_quiet());
    bob.comes_online();
    EXPECT_TRUE(bob.is_quiet());
}

TEST(Messages, ToNobodyAreTakenLikeThoseToSomebodyWhoIsNotThere)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.sends("<message to='nobody@foo.com' id='7'><body>hi</body></message>");
    EXPECT_TRUE(alice.is_quiet());
    alice.sends(message("no space@foo.com", "hi"));
    EXPECT_THAT(alice.gets(), HasSubstr("jid-malformed"));
}

TEST(Messages, ToAnotherHostLeaveWithoutRouting)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.sends(message("x@elsewhere.net/r", "hi"));
    EXPECT_EQ(
        server.next(),
        canonical("<message to='x@elsewhere.net/r' from='alice@foo.com/home' type='chat'><body>hi</body></message>"));
    server.sends("<message from='x@elsewhere.net/r' to='alice@foo.com/home'><body>answer</body></message>");
    EXPECT_EQ(alice.gets_routed(),
              canonical("<message from='x@elsewhere.net/r' to='alice@foo.com/home' sto='" + alice.connection +
                        "' sfrom='alice@foo.com'><body>answer</body></message>"));
}

TEST(Messages, WithoutAnAddressReachTheSender)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.comes_online();
    alice.sends("<message><body>note</body></message>");
    EXPECT_THAT(alice.gets(), HasSubstr("note"));
}

TEST(Messages, StayInOrderWhileTheUserComesOnline)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    constexpr int count = 90;
    for (int i = 0; i < count; ++i) {
        alice.sends(message("bob@foo.com", "number " + std::to_string(i) + "."));
        if (i == count / 2)
            bob.sends("<presence/>");
    }
    EXPECT_THAT(bob.gets(), HasSubstr("<presence"));
    for (int i = 0; i < count; ++i)
        EXPECT_THAT(bob.gets(), HasSubstr("number " + std::to_string(i) + "."));
}

TEST(Messages, MayBeAnsweredWhileTheyAreDelivered)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    server.host.on_deliver =
        [&](const jabberd_packet &packet) { // a destination that answers at once, on the same thread
            if (canonical(packet).find("ping!") != std::string::npos)
                bob.sends(message("alice@foo.com/home", "pong!"));
        };
    alice.sends(message("bob@foo.com/work", "ping!"));
    EXPECT_THAT(alice.gets(), HasSubstr("pong!"));
}

} // namespace
} // namespace jabberd::test
