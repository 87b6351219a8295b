// SPDX-License-Identifier: LGPL-2.1-or-later
// Blocking (XEP-0191): the list, whom it covers, and what it means for both sides.
#include "support/server.h"

#include "session_manager/blocking/blocklist.h"
#include "session_manager/storage/storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace jabberd::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view get_blocklist = "<iq type='get' id='l'><blocklist xmlns='urn:xmpp:blocking'/></iq>";
const std::string blocked_error =
    "<error code='406' type='cancel'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
    "<blocked xmlns='urn:xmpp:blocking:errors'/></error>";

std::string block_items(const std::vector<std::string> &addresses)
{
    std::string out;
    for (const std::string &address : addresses)
        out += "<item jid='" + address + "'/>";
    return out;
}

std::string blocking_set(const std::string &verb, const std::vector<std::string> &addresses)
{
    return "<iq type='set' id='b'><" + verb + " xmlns='urn:xmpp:blocking'>" + block_items(addresses) + "</" + verb +
           "></iq>";
}

void blocks(ConnectedClient &client, const std::vector<std::string> &addresses)
{
    client.sends(blocking_set("block", addresses));
    EXPECT_EQ(client.gets(), canonical("<iq type='result' id='b' to='" + client.session + "'/>"));
}

std::string list_of(ConnectedClient &client)
{
    client.sends(get_blocklist);
    return client.gets();
}

std::string list_with(const ConnectedClient &client, const std::vector<std::string> &addresses)
{
    return canonical("<iq type='result' id='l' to='" + client.session + "'><blocklist xmlns='urn:xmpp:blocking'>" +
                     block_items(addresses) + "</blocklist></iq>");
}

TEST(Blocking, IsAdvertisedByTheServer)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.sends("<iq type='get' id='d' to='foo.com'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
    const std::string info = alice.gets();
    const auto feature = info.find("<feature var='urn:xmpp:blocking'/>");
    ASSERT_NE(feature, std::string::npos);
    EXPECT_EQ(info.find("'urn:xmpp:blocking'", feature + 20), std::string::npos) << "once";
}

TEST(Blocking, ListHoldsWhatWasBlockedAndLosesWhatWasUnblocked)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    EXPECT_EQ(list_of(alice), list_with(alice, {}));
    alice.sends(blocking_set("block", {"Bob@FOO.com", "spam.net", "bob@foo.com"}));
    EXPECT_THAT(alice.gets(),
                HasSubstr("<block xmlns='urn:xmpp:blocking'>" + block_items({"bob@foo.com", "spam.net"}) + "</block>"));
    alice.gets();
    EXPECT_EQ(list_of(alice), list_with(alice, {"bob@foo.com", "spam.net"}));
    alice.sends(blocking_set("unblock", {"bob@foo.com"}));
    EXPECT_THAT(alice.gets(),
                HasSubstr("<unblock xmlns='urn:xmpp:blocking'>" + block_items({"bob@foo.com"}) + "</unblock>"));
    alice.gets();
    EXPECT_EQ(list_of(alice), list_with(alice, {"spam.net"}));
}

TEST(Blocking, IsPushedToTheSessionsThatAskedForTheList)
{
    Server server;
    ConnectedClient one = server.log_in("alice", "one"), two = server.log_in("alice", "two"),
                    three = server.log_in("alice", "three"), bob = server.log_in("bob", "home");
    list_of(two);
    list_of(bob);
    blocks(one, {"spam.net"});
    EXPECT_THAT(two.gets(), AllOf(HasSubstr("<iq "), HasSubstr("type='set'"), HasSubstr("to='alice@foo.com/two'"),
                                  HasSubstr("<block xmlns='urn:xmpp:blocking'><item jid='spam.net'/></block>")));
    one.sends(blocking_set("unblock", {}));
    EXPECT_THAT(one.gets(), HasSubstr("type='result'"));
    EXPECT_THAT(two.gets(), HasSubstr("<unblock xmlns='urn:xmpp:blocking'/>"));
    EXPECT_TRUE(one.is_quiet() && two.is_quiet() && three.is_quiet() && bob.is_quiet());
    EXPECT_EQ(list_of(one), list_with(one, {}));
}

TEST(Blocking, WhatChangesNothingIsNotPushed)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    blocks(alice, {"spam.net"});
    list_of(alice);
    blocks(alice, {"spam.net"});
    alice.sends(blocking_set("unblock", {"ham.net"}));
    EXPECT_THAT(alice.gets(), HasSubstr("type='result'"));
    EXPECT_TRUE(alice.is_quiet());
}

TEST(Blocking, RefusesWhatNamesNobodyAndTheAccountItself)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "home");
    const auto answer = [&](const std::string &request) {
        alice.sends(request);
        return alice.gets();
    };
    EXPECT_THAT(answer(blocking_set("block", {})), HasSubstr("<bad-request"));
    EXPECT_THAT(answer(blocking_set("block", {"spam.net", "no space@spam.net"})), HasSubstr("<jid-malformed"));
    EXPECT_THAT(answer(blocking_set("unblock", {""})), HasSubstr("<jid-malformed"));
    EXPECT_THAT(answer(blocking_set("block", {"Alice@foo.com"})), HasSubstr("<not-allowed"));
    EXPECT_THAT(answer(blocking_set("block", {"alice@foo.com/other"})), HasSubstr("<not-allowed"));
    EXPECT_THAT(answer("<iq type='set' id='b' to='bob@foo.com'><block xmlns='urn:xmpp:blocking'><item "
                       "jid='carol@foo.com'/></block></iq>"),
                HasSubstr("<service-unavailable"));
    EXPECT_THAT(answer("<iq type='set' id='b' to='alice@foo.com'><block xmlns='urn:xmpp:blocking'><item "
                       "jid='spam.net'/></block></iq>"),
                HasSubstr("type='result'"));
    EXPECT_EQ(list_of(alice), list_with(alice, {"spam.net"}));
    EXPECT_EQ(list_of(bob), list_with(bob, {}));
}

struct CoverCase {
    const char *item, *address;
    bool is_covered;
};

TEST(Blocking, CoversByFullAddressBareAddressAndDomain)
{
    const CoverCase cases[] = {
        {"bob@a.net/x", "bob@a.net/x", true},
        {"bob@a.net/x", "bob@a.net", false},
        {"bob@a.net/x", "bob@a.net/y", false},
        {"bob@a.net", "bob@a.net", true},
        {"bob@a.net", "bob@a.net/x/y@z", true},
        {"bob@a.net", "bobby@a.net", false},
        {"bob@a.net", "a.net", false},
        {"a.net/x", "a.net/x", true},
        {"a.net/x", "a.net", false},
        {"a.net/x", "bob@a.net/x", false},
        {"a.net", "a.net", true},
        {"a.net", "a.net/x", true},
        {"a.net", "bob@a.net", true},
        {"a.net", "bob@a.net/x", true},
        {"a.net", "bob@b.a.net", false},
        {"a.net", "a.net@b.net/a.net", false},
    };
    for (const auto &[item, address, is_covered] : cases) {
        session_manager::Blocklist list;
        list.add(item);
        EXPECT_EQ(list.covers(address), is_covered) << item << " and " << address;
    }
}

std::string hi_to(const std::string &to, const std::string &from = "")
{
    return "<message to='" + to + "' " + (from.empty() ? "" : "from='" + from + "' ") +
           "type='chat' id='m'><body>hi</body></message>";
}

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

TEST(Blocking, SurvivesARestart)
{
    Server server;
    {
        ConnectedClient alice = server.log_in("alice", "home");
        blocks(alice, {"bob@foo.com"});
    }
    server.stop();
    server.restart();
    ConnectedClient bob = server.log_in("bob", "work");
    bob.sends(hi_to("alice@foo.com"));
    EXPECT_THAT(bob.gets(), HasSubstr("<service-unavailable")) << "although alice has not come yet";
    ConnectedClient alice = server.log_in("alice", "home");
    EXPECT_EQ(list_of(alice), list_with(alice, {"bob@foo.com"}));
}

TEST(Blocking, WorksInADatabaseFromBefore)
{
    Server server;
    server.register_account("alice");
    server.stop();
    {
        session_manager::Storage storage{server.database().string()};
        storage.database.execute("DROP TABLE blocked; PRAGMA user_version=3");
    }
    server.restart();
    ConnectedClient alice = server.log_in("alice", "home");
    blocks(alice, {"spam.net"});
    EXPECT_EQ(list_of(alice), list_with(alice, {"spam.net"}));
}

TEST(Blocking, EndsWithTheAccount)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    blocks(alice, {"spam.net"});
    alice.sends("<iq type='set' id='r'><query xmlns='jabber:iq:register'><remove/></query></iq>");
    EXPECT_THAT(alice.gets(), HasSubstr("type='result'"));
    server.status();
    ConnectedClient other = server.log_in("alice", "home");
    EXPECT_EQ(list_of(other), list_with(other, {}));
    server.sends(hi_to("alice@foo.com/home", "x@spam.net/y"));
    EXPECT_THAT(other.gets(), HasSubstr("<body>hi</body>"));
}

TEST(Blocking, IsBoundedAndLosesNothingByThat)
{
    const std::string base = "<register>yes</register><registrations per-hour='0'/><iterations>4096</iterations>";
    Server server{base + "<blocked max='3' bytes='2000'/>"};
    ConnectedClient alice = server.log_in("alice", "home");
    const auto answer = [&](const std::string &request) {
        alice.sends(request);
        return alice.gets();
    };
    EXPECT_THAT(answer(blocking_set("block", {"a.net", "b.net"})), HasSubstr("type='result'"));
    EXPECT_THAT(answer(blocking_set("block", {"c.net", "d.net"})), HasSubstr("<resource-constraint"));
    EXPECT_THAT(answer(blocking_set("block", {"x@c.net/" + std::string(1000, 'x')})), HasSubstr("type='result'"));
    EXPECT_THAT(answer(blocking_set("unblock", {"a.net"})), HasSubstr("type='result'"));
    EXPECT_THAT(answer(blocking_set("block", {"x@c.net/" + std::string(1000, 'y')})),
                HasSubstr("<resource-constraint"));
    EXPECT_THAT(answer(blocking_set("block", {"a.net"})), HasSubstr("type='result'"));
    EXPECT_THAT(server.status(), HasSubstr("refused: blocklist of an account=2 "));
    // What is there from before stays.
    server.stop();
    server.restart(base + "<blocked max='1'/>");
    ConnectedClient again = server.log_in("alice", "home");
    EXPECT_THAT(list_of(again), AllOf(HasSubstr("a.net"), HasSubstr("b.net"), HasSubstr("x@c.net")));
    again.sends(blocking_set("block", {"d.net"}));
    EXPECT_THAT(again.gets(), HasSubstr("<resource-constraint"));
    again.sends(blocking_set("unblock", {"a.net"}));
    EXPECT_THAT(again.gets(), HasSubstr("<unblock"));
}

// A list that is changed by two sessions at once is what both have made of it.
TEST(Blocking, ChangesFollowEachOther)
{
    Server server;
    ConnectedClient one = server.log_in("alice", "one"), two = server.log_in("alice", "two");
    constexpr int count = 20;
    for (int i = 0; i < count; ++i) {
        one.sends(blocking_set("block", {"one" + std::to_string(i) + ".net"}));
        two.sends(blocking_set("block", {"two" + std::to_string(i) + ".net"}));
    }
    one.sends(get_blocklist);
    for (int i = 0; i < count; ++i) {
        EXPECT_THAT(one.gets(), HasSubstr("type='result'"));
        EXPECT_THAT(two.gets(), HasSubstr("type='result'"));
    }
    const std::string list = one.gets();
    for (int i = 0; i < count; ++i)
        EXPECT_THAT(list,
                    AllOf(HasSubstr("'one" + std::to_string(i) + "."), HasSubstr("'two" + std::to_string(i) + ".")));
}

} // namespace
} // namespace jabberd::test
