// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Presence, OfTypeAvailableIsAvailable)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.sends("<presence type='available'><priority>3</priority></presence>");
    EXPECT_EQ(alice.gets(), canonical("<presence from='alice@foo.com/home' to='alice@foo.com/home'><priority>3"
                                      "</priority></presence>"));
    bob.sends("<presence type='available' to='alice@foo.com'/>");
    EXPECT_EQ(alice.gets(), canonical("<presence from='bob@foo.com/work' to='alice@foo.com'/>"));
    server.sends("<presence type='available' from='x@far.net/r' to='alice@foo.com'/>");
    EXPECT_EQ(alice.gets(), canonical("<presence from='x@far.net/r' to='alice@foo.com'/>"));
}

TEST(Stanzas, OfATypeThatIsNoneAreBadRequests)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.comes_online();
    for (const std::string name : {"presence", "iq"}) {
        for (const std::string type : {"invisible", "Available", "x", "chat"}) {
            for (const std::string to : {"", "to='foo.com'", "to='bob@foo.com'", "to='bob@foo.com/work'"}) {
                alice.sends("<" + name + " id='1' type='" + type + "' " + to + "><a xmlns='b'/></" + name + ">");
                EXPECT_THAT(alice.gets(), AllOf(HasSubstr("type='error'"), HasSubstr("<bad-request")))
                    << name << " " << type << " " << to;
            }
        }
    }
    alice.sends("<iq id='1' to='bob@foo.com/work'><a xmlns='b'/></iq>");
    EXPECT_THAT(alice.gets(), HasSubstr("<bad-request"));
    alice.sends("<presence type='subscribe'/>");
    EXPECT_THAT(alice.gets(), HasSubstr("<bad-request"));
    server.sends("<presence type='invisible' from='x@far.net/r' to='alice@foo.com'/>");
    EXPECT_THAT(server.next(), AllOf(HasSubstr("to='x@far.net/r'"), HasSubstr("<bad-request")));
    EXPECT_TRUE(alice.is_quiet());
    EXPECT_TRUE(bob.is_quiet());
}

TEST(Presence, IsShownToFriendsAndToTheUsersOwnSessions)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work"),
                    carol = server.log_in("carol", "x");
    alice.comes_online();
    bob.comes_online();
    carol.comes_online();
    befriend(alice, bob);
    bob.sends("<presence from='forged@foo.com'><show>away</show></presence>");
    EXPECT_EQ(alice.gets(),
              canonical("<presence to='alice@foo.com' from='bob@foo.com/work'><show>away</show></presence>"));
    EXPECT_EQ(bob.gets(),
              canonical("<presence to='bob@foo.com/work' from='bob@foo.com/work'><show>away</show></presence>"));
    EXPECT_TRUE(carol.is_quiet());
}

TEST(Presence, OfFriendsIsShownToWhoComesOnline)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.comes_online();
    bob.comes_online();
    befriend(alice, bob);
    ConnectedClient phone = server.log_in("alice", "phone");
    phone.sends("<presence/>");
    EXPECT_THAT(phone.gets(), HasSubstr("from='alice@foo.com/phone'"));
    EXPECT_THAT(phone.gets(), HasSubstr("from='alice@foo.com/home'"));
    EXPECT_THAT(phone.gets(), HasSubstr("from='bob@foo.com/work'"));
    EXPECT_TRUE(phone.is_quiet());
    EXPECT_THAT(alice.gets(), HasSubstr("from='alice@foo.com/phone'"));
}

TEST(Presence, UnavailableIsToldOnceAndKeepsTheSession)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.comes_online();
    bob.comes_online();
    befriend(alice, bob);
    bob.sends("<presence type='unavailable'><status>bye</status></presence>");
    EXPECT_EQ(
        alice.gets(),
        canonical(
            "<presence type='unavailable' to='alice@foo.com' from='bob@foo.com/work'><status>bye</status></presence>"));
    EXPECT_TRUE(bob.is_quiet());
    bob.disconnects();
    EXPECT_TRUE(alice.is_quiet());
}

TEST(Presence, DirectedIsFollowedByUnavailableWhenTheSessionEnds)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    bob.comes_online();
    alice.sends("<presence to='bob@foo.com/work'/>");
    EXPECT_EQ(bob.gets(), canonical("<presence to='bob@foo.com/work' from='alice@foo.com/home'/>"));
    alice.sends("<presence to='room@muc.net/nick'/>");
    EXPECT_EQ(server.next(), canonical("<presence to='room@muc.net/nick' from='alice@foo.com/home'/>"));
    alice.disconnects();
    EXPECT_EQ(bob.gets(), canonical("<presence type='unavailable' to='bob@foo.com/work' from='alice@foo.com/home'/>"));
    EXPECT_EQ(server.next(),
              canonical("<presence type='unavailable' to='room@muc.net/nick' from='alice@foo.com/home'/>"));
}

TEST(Presence, ReplacedSessionIsUnavailableToFriends)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.comes_online();
    bob.comes_online();
    befriend(alice, bob);
    server.log_in("bob", "work");
    EXPECT_THAT(alice.gets(), HasSubstr("unavailable"));
}

TEST(Presence, AsksContactsOnOtherHosts)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.sends("<presence type='subscribe' to='x@elsewhere.net/ignored'/>");
    EXPECT_EQ(server.next(), canonical("<presence type='subscribe' to='x@elsewhere.net' from='alice@foo.com'/>"));
    server.sends("<presence type='subscribed' from='x@elsewhere.net' to='alice@foo.com'/>");
    server.status(); // it is stored
    alice.comes_online();
    EXPECT_EQ(server.next(), canonical("<presence type='probe' to='x@elsewhere.net' from='alice@foo.com'/>"));
    server.sends("<presence from='x@elsewhere.net/r' to='alice@foo.com'/>");
    EXPECT_THAT(alice.gets(), HasSubstr("from='x@elsewhere.net/r'"));
}

TEST(Presence, AnswersProbesOnlyToSubscribers)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.comes_online();
    server.sends("<presence type='probe' from='x@elsewhere.net' to='alice@foo.com'/>");
    EXPECT_EQ(server.next(), canonical("<presence type='unsubscribed' from='alice@foo.com' to='x@elsewhere.net'/>"));
    server.sends("<presence type='probe' from='x@elsewhere.net' to='nobody@foo.com'/>");
    EXPECT_EQ(server.next(), canonical("<presence type='unsubscribed' from='nobody@foo.com' to='x@elsewhere.net'/>"));

    server.sends("<presence type='subscribe' from='x@elsewhere.net' to='alice@foo.com'/>");
    alice.gets();
    alice.sends("<presence type='subscribed' to='x@elsewhere.net'/>");
    EXPECT_THAT(server.next(), HasSubstr("'subscribed'"));
    EXPECT_THAT(server.next(), HasSubstr("from='alice@foo.com/home'"));
    server.sends("<presence type='probe' from='x@elsewhere.net' to='alice@foo.com'/>");
    EXPECT_THAT(server.next(), HasSubstr("<priority>0</priority>"));
    alice.disconnects();
    EXPECT_THAT(server.next(), HasSubstr("unavailable"));
    server.sends("<presence type='probe' from='x@elsewhere.net' to='alice@foo.com'/>");
    EXPECT_EQ(server.next(), canonical("<presence type='unavailable' from='alice@foo.com' to='x@elsewhere.net'/>"));
}

} // namespace
} // namespace jabberd::test
