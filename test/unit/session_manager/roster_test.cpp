// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view roster_get = "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>";

std::string item(std::string_view attributes, std::string_view children = "")
{
    return "<iq type='set' id='s'><query xmlns='jabber:iq:roster'><item " + std::string{attributes} + ">" +
           std::string{children} + "</item></query></iq>";
}

TEST(Roster, IsEmptyAtFirst)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.sends(roster_get);
    EXPECT_EQ(alice.gets(),
              canonical("<iq type='result' id='r' to='alice@foo.com/home'><query xmlns='jabber:iq:roster'/></iq>"));
}

TEST(Roster, PushesAChangeToAllWhoAskedForIt)
{
    Server server;
    ConnectedClient one = server.log_in("alice", "one"), two = server.log_in("alice", "two"),
                    three = server.log_in("alice", "three");
    one.sends(roster_get);
    two.sends(roster_get);
    one.gets();
    two.gets();
    one.sends(item("jid='Bob@foo.com/x' name='B &amp; b' subscription='both' ask='subscribe'",
                   "<group>G</group><group>H</group>"));
    const std::string pushed = "<query xmlns='jabber:iq:roster'><item jid='bob@foo.com' name='B &amp; b' "
                               "subscription='none'><group>G</group><group>H</group></item></query>";
    EXPECT_THAT(one.gets(), AllOf(HasSubstr("type='set'"), HasSubstr("to='alice@foo.com/one'"), HasSubstr(pushed)));
    EXPECT_EQ(one.gets(), canonical("<iq type='result' id='s' to='alice@foo.com/one'/>"));
    EXPECT_THAT(two.gets(), AllOf(HasSubstr("to='alice@foo.com/two'"), HasSubstr(pushed)));
    EXPECT_TRUE(three.is_quiet());
}

TEST(Roster, SurvivesARestart)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.sends(item("jid='bob@foo.com' name='B'", "<group>G</group>"));
    alice.gets();
    alice.sends("<presence type='subscribe' to='bob@foo.com'/>");
    server.stop();
    server.restart();
    ConnectedClient again = server.log_in("alice", "home");
    again.sends(roster_get);
    EXPECT_THAT(
        again.gets(),
        HasSubstr("<item jid='bob@foo.com' name='B' subscription='none' ask='subscribe'><group>G</group></item>"));
}

TEST(Roster, RefusesWhatIsNoItem)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.sends(item("jid='not valid@foo.com'"));
    EXPECT_THAT(alice.gets(), HasSubstr("jid-malformed"));
    alice.sends("<iq type='set' id='s'><query xmlns='jabber:iq:roster'/></iq>");
    EXPECT_THAT(alice.gets(), HasSubstr("bad-request"));
    alice.sends(item("jid='nobody@foo.com' subscription='remove'"));
    EXPECT_THAT(alice.gets(), HasSubstr("item-not-found"));
    alice.sends(
        "<iq type='set' id='s' to='bob@foo.com'><query xmlns='jabber:iq:roster'><item jid='x@y'/></query></iq>");
    EXPECT_THAT(alice.gets(), HasSubstr("service-unavailable"));
}

// RFC 6121 §2.3.3.
TEST(Roster, RefusesGroupsThatAreNone)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    const auto answer = [&](const std::string &attributes, const std::string &groups) {
        alice.sends("<iq type='set' id='s'><query xmlns='jabber:iq:roster'><item jid='bob@foo.com' " + attributes +
                    ">" + groups + "</item></query></iq>");
        return alice.gets();
    };
    const std::string longest(1023, 'x'), longer(1024, 'x');
    EXPECT_THAT(answer("", "<group>A</group><group>B</group><group>A</group>"), HasSubstr("<bad-request"));
    EXPECT_THAT(answer("", "<group>A</group><group/>"), HasSubstr("<not-acceptable"));
    EXPECT_THAT(answer("", "<group></group>"), HasSubstr("<not-acceptable"));
    EXPECT_THAT(answer("", "<group>" + longer + "</group>"), HasSubstr("<not-acceptable"));
    EXPECT_THAT(answer("name='" + longer + "'", ""), HasSubstr("<not-acceptable"));
    std::string many;
    for (int i = 0; i <= 100; ++i)
        many += "<group>" + std::to_string(i) + "</group>";
    EXPECT_THAT(answer("", many), HasSubstr("<not-acceptable"));
    alice.sends("<iq type='set' id='s'><query xmlns='jabber:iq:roster'><item jid='a@foo.com'/><item jid='b@foo.com'/>"
                "</query></iq>");
    EXPECT_THAT(alice.gets(), HasSubstr("<bad-request"));
    alice.sends("<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>");
    EXPECT_THAT(alice.gets(), HasSubstr("<query xmlns='jabber:iq:roster'/>")) << "nothing of it was kept";
    EXPECT_THAT(answer("name='" + longest + "'", "<group>" + longest + "</group><group>a</group><group>A</group>"),
                HasSubstr("type='set'"));
    EXPECT_THAT(alice.gets(), HasSubstr("type='result'"));
    EXPECT_THAT(answer("subscription='remove'", "<group/>"), HasSubstr("subscription='remove'"));
}

TEST(Roster, RemovalEndsBothSubscriptions)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.comes_online();
    bob.comes_online();
    befriend(alice, bob);
    bob.sends(roster_get);
    EXPECT_THAT(bob.gets(), HasSubstr("subscription='both'"));
    alice.sends(roster_get);
    alice.gets();

    alice.sends(item("jid='bob@foo.com' subscription='remove'"));
    EXPECT_THAT(bob.gets(), HasSubstr("type='unsubscribe'"));
    EXPECT_THAT(bob.gets(), HasSubstr("subscription='to'"));
    EXPECT_THAT(bob.gets(), HasSubstr("type='unsubscribed'"));
    EXPECT_THAT(bob.gets(), HasSubstr("subscription='none'"));
    EXPECT_EQ(bob.gets(), canonical("<presence type='unavailable' from='alice@foo.com/home' to='bob@foo.com'/>"));
    EXPECT_THAT(alice.gets(), HasSubstr("subscription='remove'"));
    EXPECT_THAT(alice.gets(), HasSubstr("type='result'"));
    EXPECT_THAT(alice.gets(), AllOf(HasSubstr("from='bob@foo.com/work'"), HasSubstr("unavailable")));
    alice.sends(roster_get);
    EXPECT_THAT(alice.gets(), Not(HasSubstr("<item")));
}

TEST(Subscription, IsAskedGrantedAndPushed)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.comes_online();
    bob.comes_online();
    alice.sends(roster_get);
    bob.sends(roster_get);
    alice.gets();
    bob.gets();

    alice.sends("<presence type='subscribe' to='bob@foo.com/work'><status>it's me</status></presence>");
    EXPECT_THAT(alice.gets(), HasSubstr("<item jid='bob@foo.com' subscription='none' ask='subscribe'/>"));
    EXPECT_EQ(
        bob.gets(),
        canonical(
            "<presence type='subscribe' from='alice@foo.com' to='bob@foo.com'><status>it's me</status></presence>"));
    bob.sends(roster_get);
    EXPECT_THAT(bob.gets(), Not(HasSubstr("<item"))); // not before he has answered

    bob.sends("<presence type='subscribed' to='alice@foo.com'/>");
    EXPECT_THAT(bob.gets(), HasSubstr("<item jid='alice@foo.com' subscription='from'/>"));
    EXPECT_EQ(alice.gets(), canonical("<presence type='subscribed' from='bob@foo.com' to='alice@foo.com'/>"));
    EXPECT_THAT(alice.gets(), HasSubstr("<item jid='bob@foo.com' subscription='to'/>"));
    EXPECT_THAT(alice.gets(), HasSubstr("from='bob@foo.com/work'"));
    EXPECT_TRUE(alice.is_quiet());
    EXPECT_TRUE(bob.is_quiet());
}

TEST(Subscription, RequestWaitsUntilItIsAnswered)
{
    Server server;
    server.register_account("bob");
    ConnectedClient alice = server.log_in("alice", "home");
    alice.sends("<presence type='subscribe' to='bob@foo.com'><status>please</status></presence>");
    alice.sends("<presence type='subscribe' to='bob@foo.com'><status>please</status></presence>");
    for (const char *resource : {"one", "two"}) {
        ConnectedClient bob = server.log_in("bob", resource);
        bob.comes_online();
        EXPECT_EQ(
            bob.gets(),
            canonical(
                "<presence type='subscribe' from='alice@foo.com' to='bob@foo.com'><status>please</status></presence>"));
        EXPECT_TRUE(bob.is_quiet());
        if (std::string_view{resource} == "two")
            bob.sends("<presence type='unsubscribed' to='alice@foo.com'/>");
        bob.disconnects();
    }
    ConnectedClient bob = server.log_in("bob", "three");
    bob.comes_online();
    EXPECT_TRUE(bob.is_quiet());
    alice.sends(roster_get);
    EXPECT_THAT(alice.gets(), HasSubstr("<item jid='bob@foo.com' subscription='none'/>"));
}

TEST(Subscription, CannotBeGrantedUnasked)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), mallory = server.log_in("mallory", "x");
    alice.comes_online();
    mallory.comes_online();
    alice.sends(roster_get);
    alice.gets();
    mallory.sends("<presence type='subscribed' to='alice@foo.com'/>");
    server.sends("<presence type='subscribed' from='x@elsewhere.net' to='alice@foo.com'/>");
    server.sends("<presence type='unsubscribe' from='x@elsewhere.net' to='alice@foo.com'/>");
    EXPECT_TRUE(alice.is_quiet());
}

TEST(Subscription, IsWithdrawnByTheContact)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.comes_online();
    bob.comes_online();
    befriend(alice, bob);
    bob.sends("<presence type='unsubscribed' to='alice@foo.com'/>");
    EXPECT_EQ(alice.gets(), canonical("<presence type='unsubscribed' from='bob@foo.com' to='alice@foo.com'/>"));
    EXPECT_EQ(alice.gets(), canonical("<presence type='unavailable' from='bob@foo.com/work' to='alice@foo.com'/>"));
    bob.sends("<presence><show>dnd</show></presence>");
    bob.gets();
    EXPECT_TRUE(alice.is_quiet());
}

TEST(Subscription, GrantedLongAgoIsConfirmedWithoutAsking)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.comes_online();
    server.sends("<presence type='subscribe' from='x@elsewhere.net' to='alice@foo.com'/>");
    alice.gets();
    alice.sends("<presence type='subscribed' to='x@elsewhere.net'/>");
    server.next();
    server.next();
    server.sends("<presence type='subscribe' from='x@elsewhere.net/r' to='alice@foo.com'/>");
    EXPECT_EQ(server.next(), canonical("<presence type='subscribed' from='alice@foo.com' to='x@elsewhere.net'/>"));
    EXPECT_TRUE(alice.is_quiet());
}

TEST(Subscription, ToNobodyIsSilent)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.comes_online();
    alice.sends("<presence type='subscribe' to='nobody@foo.com'/>");
    EXPECT_TRUE(alice.is_quiet());
}

} // namespace
} // namespace jabberd::test
