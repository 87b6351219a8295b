// SPDX-License-Identifier: LGPL-2.1-or-later
// Blocking (XEP-0191): what it means for the stanzas of both sides.
#include "support/blocking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string blocked_error =
    "<error code='406' type='cancel'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
    "<blocked xmlns='urn:xmpp:blocking:errors'/></error>";

// Nothing has left for another host.
void expect_that_nothing_left(Server &server, ConnectedClient &client)
{
    client.sends(hi_to("x@fence.net"));
    EXPECT_THAT(server.next(), HasSubstr("to='x@fence.net'"));
}

TEST(Blocking, MessagesOfABlockedUserComeBack)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.comes_online();
    blocks(alice, {"bob@foo.com"});
    for (const std::string to : {"alice@foo.com", "alice@foo.com/home", "alice@foo.com/gone"}) {
        bob.sends(hi_to(to));
        EXPECT_EQ(bob.gets(),
                  canonical("<message type='error' id='m' from='" + to + "' to='bob@foo.com/work'><body>hi</body>" +
                            service_unavailable + "</message>"));
    }
    alice.disconnects();
    bob.sends(hi_to("alice@foo.com"));
    EXPECT_THAT(bob.gets(), HasSubstr("<service-unavailable"));
    bob.sends("<message to='alice@foo.com' type='error'><body>hi</body></message>");
    EXPECT_TRUE(bob.is_quiet());
    EXPECT_THAT(server.status(), HasSubstr("offline_messages=0"));
}

TEST(Blocking, OfADomainCoversItsUsersAndRoomsAndNoOthers)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.comes_online();
    blocks(alice, {"spam.net"});
    server.sends(hi_to("alice@foo.com/home", "Robot@SPAM.net/&#9;")); // which can be answered in no way
    server.sends(hi_to("alice@foo.com/home", "Robot@SPAM.net/x"));
    EXPECT_THAT(server.next(), HasSubstr("<service-unavailable"));
    server.sends("<message to='alice@foo.com/home' from='spam.net' type='groupchat'><body>hi</body></message>");
    EXPECT_THAT(server.next(), HasSubstr("<service-unavailable"));
    server.sends(hi_to("alice@foo.com/home", "bob@ham.net/x"));
    EXPECT_THAT(alice.gets(), HasSubstr("<body>hi</body>"));
    EXPECT_TRUE(alice.is_quiet());
}

TEST(Blocking, RequestsOfABlockedUserAreRefusedAndAnswersDropped)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.comes_online();
    bob.comes_online();
    befriend(alice, bob);
    alice.sends("<iq type='set' id='v'><vCard xmlns='vcard-temp'><FN>Alice</FN></vCard></iq>");
    alice.gets();
    blocks(alice, {"bob@foo.com"});
    bob.gets(); // unavailable
    for (const std::string &request :
         {std::string{"to='alice@foo.com/home' type='get'><ping xmlns='urn:xmpp:ping'/>"},
          std::string{"to='alice@foo.com' type='get'><vCard xmlns='vcard-temp'/>"},
          std::string{"to='alice@foo.com' type='get'><query xmlns='http://jabber.org/protocol/disco#info'/>"},
          std::string{"to='alice@foo.com' type='get'><query xmlns='http://jabber.org/protocol/disco#items'/>"}}) {
        bob.sends("<iq id='i' " + request + "</iq>");
        EXPECT_THAT(bob.gets(), HasSubstr("<service-unavailable")) << request;
    }
    bob.sends("<iq id='i' to='alice@foo.com/home' type='result'/>");
    EXPECT_TRUE(bob.is_quiet());
    EXPECT_TRUE(alice.is_quiet());
}

TEST(Blocking, PresenceOfABlockedUserIsDroppedWithoutAnAnswer)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.comes_online();
    bob.comes_online();
    blocks(alice, {"bob@foo.com", "spam.net"});
    for (const char *type : {"subscribe", "subscribed", "unsubscribe", "probe", "unavailable", ""})
        for (const std::string to : {"alice@foo.com", "alice@foo.com/home"}) {
            bob.sends("<presence to='" + to + "' type='" + type + "'/>");
            server.sends("<presence from='x@spam.net/y' to='" + to + "' type='" + type + "'/>");
        }
    EXPECT_TRUE(alice.is_quiet());
    EXPECT_TRUE(bob.is_quiet());
    expect_that_nothing_left(server, alice);
    alice.sends(blocking_set("unblock", {}));
    alice.gets();
    ConnectedClient second = server.log_in("alice", "second");
    second.comes_online();
    EXPECT_THAT(second.gets(), HasSubstr("from='alice@foo.com/home'"));
    EXPECT_TRUE(second.is_quiet()) << "no request has been kept";
}

TEST(Blocking, MakesTheUserUnavailableToAContactUntilItIsUnblocked)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.comes_online();
    bob.comes_online();
    befriend(alice, bob);
    blocks(alice, {"bob@foo.com"});
    EXPECT_EQ(bob.gets(), canonical("<presence type='unavailable' from='alice@foo.com/home' to='bob@foo.com'/>"));
    alice.sends("<presence><show>dnd</show></presence>");
    EXPECT_THAT(alice.gets(), HasSubstr("dnd"));
    bob.sends("<presence><show>xa</show></presence>");
    EXPECT_THAT(bob.gets(), HasSubstr("xa"));
    EXPECT_TRUE(bob.is_quiet());
    EXPECT_TRUE(alice.is_quiet());

    ConnectedClient again = server.log_in("bob", "again"), second = server.log_in("alice", "second");
    again.comes_online();
    EXPECT_THAT(again.gets(), HasSubstr("from='bob@foo.com/work'")) << "and not alice's";
    EXPECT_TRUE(again.is_quiet());
    second.comes_online();
    EXPECT_THAT(second.gets(), HasSubstr("from='alice@foo.com/home'")) << "and not bob's";
    EXPECT_TRUE(second.is_quiet());
    again.disconnects();
    second.disconnects();
    EXPECT_THAT(bob.gets(), HasSubstr("from='bob@foo.com/again'"));
    EXPECT_THAT(bob.gets(), HasSubstr("from='bob@foo.com/again'"));
    EXPECT_TRUE(bob.is_quiet());
    alice.gets();
    alice.gets();

    alice.sends(blocking_set("unblock", {"bob@foo.com"}));
    EXPECT_THAT(alice.gets(), HasSubstr("type='result'"));
    EXPECT_THAT(bob.gets(), AllOf(HasSubstr("from='alice@foo.com/home'"), HasSubstr("dnd")));
    EXPECT_THAT(alice.gets(), AllOf(HasSubstr("from='bob@foo.com/work'"), HasSubstr("xa"))) << "missed meanwhile";
    EXPECT_TRUE(bob.is_quiet());
    EXPECT_TRUE(alice.is_quiet());
}

TEST(Blocking, TellsAContactElsewhereAndAsksItAgain)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.comes_online();
    server.sends("<presence type='subscribe' from='x@else.net' to='alice@foo.com'/>");
    alice.gets();
    alice.sends("<presence type='subscribed' to='x@else.net'/>");
    server.next(); // subscribed
    server.next(); // presence
    alice.sends("<presence type='subscribe' to='x@else.net'/>");
    server.next();
    server.sends("<presence type='subscribed' from='x@else.net' to='alice@foo.com'/>");
    alice.gets();

    blocks(alice, {"else.net"});
    EXPECT_EQ(server.next(), canonical("<presence type='unavailable' from='alice@foo.com/home' to='x@else.net'/>"));
    alice.sends(blocking_set("unblock", {}));
    alice.gets();
    EXPECT_EQ(server.next(),
              canonical("<presence from='alice@foo.com/home' to='x@else.net'><priority>0</priority></presence>"));
    EXPECT_EQ(server.next(), canonical("<presence type='probe' from='alice@foo.com' to='x@else.net'/>"));
    // One resource of the contact.
    blocks(alice, {"x@else.net/r"});
    EXPECT_EQ(server.next(), canonical("<presence type='unavailable' from='alice@foo.com/home' to='x@else.net/r'/>"));
    alice.sends("<presence/>");
    alice.gets();
    EXPECT_EQ(server.next(), canonical("<presence from='alice@foo.com/home' to='x@else.net'/>"));
}

TEST(Blocking, TakesDirectedPresenceBack)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.sends("<presence to='room@muc.net/alice'/>");
    server.next();
    blocks(alice, {"room@muc.net"});
    EXPECT_EQ(server.next(),
              canonical("<presence type='unavailable' from='alice@foo.com/home' to='room@muc.net/alice'/>"));
    alice.disconnects();
    ConnectedClient again = server.log_in("alice", "home");
    expect_that_nothing_left(server, again);
}

TEST(Blocking, KeepsTheUsersOwnStanzasBack)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    bob.comes_online();
    blocks(alice, {"bob@foo.com", "spam.net"});
    for (const std::string to : {"bob@foo.com", "bob@foo.com/work", "BOB@foo.com/work", "x@spam.net/y"}) {
        alice.sends(hi_to(to));
        EXPECT_EQ(alice.gets(), canonical("<message type='error' id='m' from='" + to +
                                          "' to='alice@foo.com/home'><body>hi</body>" + blocked_error + "</message>"));
        alice.sends("<iq type='get' id='i' to='" + to + "'><ping xmlns='urn:xmpp:ping'/></iq>");
        EXPECT_THAT(alice.gets(), AllOf(HasSubstr("<iq "), HasSubstr(blocked_error)));
        for (const std::string type : {"subscribe", "unavailable", ""}) {
            alice.sends("<presence to='" + to + "' type='" + type + "'/>");
            EXPECT_THAT(alice.gets(), AllOf(HasSubstr("<presence "), HasSubstr(blocked_error)));
        }
        alice.sends("<iq type='result' id='i' to='" + to + "'/>");
    }
    EXPECT_TRUE(alice.is_quiet());
    EXPECT_TRUE(bob.is_quiet());
    expect_that_nothing_left(server, alice);
}

TEST(Blocking, OfTheOwnHostIsNotAboutTheHostItselfNorTheAccount)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), two = server.log_in("alice", "two"),
                    bob = server.log_in("bob", "work");
    alice.comes_online();
    blocks(alice, {"foo.com"});
    bob.sends(hi_to("alice@foo.com/home"));
    EXPECT_THAT(bob.gets(), HasSubstr("<service-unavailable"));
    two.sends(hi_to("alice@foo.com/home"));
    EXPECT_THAT(alice.gets(), HasSubstr("<body>hi</body>"));
    alice.sends("<iq type='get' id='p' to='foo.com'><ping xmlns='urn:xmpp:ping'/></iq>");
    EXPECT_THAT(alice.gets(), HasSubstr("type='result'"));
    alice.sends(hi_to("alice@foo.com/two"));
    EXPECT_THAT(two.gets(), HasSubstr("<body>hi</body>"));
    EXPECT_TRUE(alice.is_quiet());
}

} // namespace
} // namespace jabberd::test
