// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string get(std::string_view payload, std::string_view to = "")
{
    return "<iq type='get' id='g'" + (to.empty() ? std::string{} : " to='" + std::string{to} + "'") + ">" +
           std::string{payload} + "</iq>";
}

std::string set(std::string_view payload, std::string_view to = "")
{
    return "<iq type='set' id='s'" + (to.empty() ? std::string{} : " to='" + std::string{to} + "'") + ">" +
           std::string{payload} + "</iq>";
}

TEST(Iq, PassesBetweenSessions)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.sends(get("<query xmlns='jabber:iq:version'/>", "bob@foo.com/work"));
    EXPECT_EQ(bob.gets_routed(),
              canonical("<iq type='get' id='g' to='bob@foo.com/work' from='alice@foo.com/home' sto='" + bob.connection +
                        "' sfrom='bob@foo.com'><query xmlns='jabber:iq:version'/></iq>"));
    bob.sends("<iq type='result' id='g' to='alice@foo.com/home'/>");
    EXPECT_EQ(alice.gets(), canonical("<iq type='result' id='g' to='alice@foo.com/home' from='bob@foo.com/work'/>"));
}

TEST(Iq, ToNobodyAndToSomebodyAwayIsAnsweredTheSameWay)
{
    Server server;
    server.register_account("bob");
    ConnectedClient alice = server.log_in("alice", "home");
    for (const std::string user : {"bob", "nobody"}) {
        for (const std::string suffix : {"", "/work"}) {
            const std::string to = user + "@foo.com" + suffix;
            alice.sends(get("<query xmlns='jabber:iq:last'/>", to));
            EXPECT_EQ(alice.gets(), canonical("<iq type='error' id='g' to='alice@foo.com/home' from='" + to + "'>" +
                                              (suffix.empty() ? "" : "<query xmlns='jabber:iq:last'/>") +
                                              service_unavailable + "</iq>"));
        }
        alice.sends(get("<vCard xmlns='vcard-temp'/>", user + "@foo.com"));
        EXPECT_THAT(alice.gets(), HasSubstr("service-unavailable"));
        alice.sends(get("<query xmlns='http://jabber.org/protocol/disco#info'/>", user + "@foo.com"));
        EXPECT_THAT(alice.gets(), HasSubstr("service-unavailable"));
    }
}

TEST(Iq, ResultsNobodyWaitsForAreDropped)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.sends("<iq type='result' id='push-1'/>");
    alice.sends("<iq type='result' id='x' to='nobody@foo.com/r'/>");
    alice.sends("<iq type='error' id='x' to='foo.com'><error code='404'/></iq>");
    EXPECT_TRUE(alice.is_quiet());
}

TEST(Iq, UnknownNamespacesAreUnavailable)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.sends(get("<query xmlns='unheard:of'/>"));
    EXPECT_EQ(alice.gets(),
              canonical("<iq type='error' id='g' to='alice@foo.com/home'>" + service_unavailable + "</iq>"));
    alice.sends(get("<query xmlns='unheard:of'/>", "foo.com"));
    EXPECT_EQ(alice.gets(), canonical("<iq type='error' id='g' to='alice@foo.com/home' from='foo.com'>" +
                                      service_unavailable + "</iq>"));
    alice.sends(get(""));
    EXPECT_THAT(alice.gets(), HasSubstr("bad-request"));
}

TEST(Iq, AnswersPingSessionVersionAndTime)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.sends(get("<ping xmlns='urn:xmpp:ping'/>", "foo.com"));
    EXPECT_EQ(alice.gets(), canonical("<iq type='result' id='g' to='alice@foo.com/home' from='foo.com'/>"));
    alice.sends(set("<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>"));
    EXPECT_EQ(alice.gets(), canonical("<iq type='result' id='s' to='alice@foo.com/home'/>"));
    alice.sends(get("<query xmlns='jabber:iq:version'/>", "foo.com"));
    EXPECT_THAT(alice.gets(), HasSubstr("<name>session_manager</name><version>"));
    alice.sends(get("<time xmlns='urn:xmpp:time'/>", "foo.com"));
    EXPECT_THAT(alice.gets(), HasSubstr("<tzo>+00:00</tzo><utc>20"));
    alice.sends(get("<query xmlns='jabber:iq:time'/>", "foo.com"));
    EXPECT_THAT(alice.gets(), HasSubstr("<tz>UTC</tz>"));
}

TEST(Iq, AnswersOtherHosts)
{
    Server server;
    server.sends("<iq type='get' id='p' from='x@elsewhere.net/r' to='foo.com'><ping xmlns='urn:xmpp:ping'/></iq>");
    EXPECT_EQ(server.next(), canonical("<iq type='result' id='p' from='foo.com' to='x@elsewhere.net/r'/>"));
}

TEST(Iq, AnAccountIsItsOwnersOnlyWhenAskedFromASession)
{
    Server server;
    server.register_account("alice");
    server.sends(
        "<iq type='set' id='p' from='alice@foo.com/x' to='alice@foo.com'><vCard xmlns='vcard-temp'/></iq>"); // a
                                                                                                             // component
                                                                                                             // that
                                                                                                             // says it
                                                                                                             // is alice
    ConnectedClient alice = server.log_in("alice", "x");
    server.sends("<iq type='set' id='p' from='alice@foo.com/x' to='alice@foo.com'><query "
                 "xmlns='jabber:iq:register'><remove/></query></iq>");
    EXPECT_THAT(alice.gets(), HasSubstr("service-unavailable"));
    EXPECT_TRUE(alice.is_quiet());
}

TEST(Disco, NamesTheFeaturesOfTheHostAndTheSessionsOfAFriend)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.sends(get("<query xmlns='http://jabber.org/protocol/disco#info'/>", "foo.com"));
    EXPECT_THAT(alice.gets(), AllOf(HasSubstr("category='server' type='im'"),
                                    HasSubstr("<feature var='urn:xmpp:ping'/>"), HasSubstr("jabber:iq:register")));
    alice.sends(get("<query xmlns='http://jabber.org/protocol/disco#items'/>", "foo.com"));
    EXPECT_THAT(alice.gets(), HasSubstr("type='result'"));

    alice.comes_online();
    bob.comes_online();
    befriend(alice, bob);
    alice.sends(get("<query xmlns='http://jabber.org/protocol/disco#info'/>", "bob@foo.com"));
    EXPECT_THAT(alice.gets(), HasSubstr("category='account' type='registered'"));
    alice.sends(get("<query xmlns='http://jabber.org/protocol/disco#items'/>", "bob@foo.com"));
    EXPECT_THAT(alice.gets(), HasSubstr("<item jid='bob@foo.com/work'/>"));
}

TEST(Disco, NamesOfTheHostAllThatItServes)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.sends(get("<query xmlns='http://jabber.org/protocol/disco#info'/>", "foo.com"));
    const std::string features = alice.gets();
    for (const char *feature : {"vcard-temp", "jabber:iq:private", "jabber:iq:roster", "jabber:iq:register",
                                "msgoffline", "urn:xmpp:ping", "http://jabber.org/protocol/disco#items"})
        EXPECT_THAT(features, HasSubstr("<feature var='" + std::string{feature} + "'/>"));
}

TEST(Disco, ListsTheOtherServicesOfTheHost)
{
    Server server{std::string{default_options} + "<services><service name='Rooms'>muc.foo.com</service>"
                                                 "<service>Search.foo.com</service></services>"};
    ConnectedClient alice = server.log_in("alice", "home");
    alice.sends(get("<query xmlns='http://jabber.org/protocol/disco#items'/>", "foo.com"));
    EXPECT_THAT(alice.gets(), HasSubstr("<item jid='muc.foo.com' name='Rooms'/><item jid='search.foo.com'/>"));
    server.reload(default_options);
    alice.sends(get("<query xmlns='http://jabber.org/protocol/disco#items'/>", "foo.com"));
    EXPECT_THAT(alice.gets(), HasSubstr("<query xmlns='http://jabber.org/protocol/disco#items'/>"));
}

TEST(Disco, HasNoNodes)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    for (const std::string to : {"foo.com", "alice@foo.com"}) {
        for (const std::string what : {"info", "items"}) {
            alice.sends(get("<query xmlns='http://jabber.org/protocol/disco#" + what +
                                "' node='http://jabber.org/protocol/commands'/>",
                            to));
            EXPECT_THAT(alice.gets(), HasSubstr("item-not-found"));
        }
    }
}

TEST(Iq, WhatCurrentClientsAskForAtTheirLoginIsAnsweredWithAnErrorWhereWeDoNotHaveIt)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    const auto expect_error = [&](const std::string &request, const std::string &from) {
        alice.sends(request);
        const std::string answer = alice.gets();
        EXPECT_THAT(answer,
                    AllOf(HasSubstr("type='error'"), HasSubstr("type='cancel'"), HasSubstr("service-unavailable")))
            << request;
        EXPECT_THAT(answer, HasSubstr(from.empty() ? "to='alice@foo.com/home' id=" : "from='" + from + "'"));
    };
    for (const std::string to : {"", "alice@foo.com", "foo.com"}) {
        expect_error(set("<query xmlns='urn:xmpp:mam:2' queryid='1'/>", to), to);
        expect_error(set("<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='n'/></pubsub>", to), to);
        expect_error(set("<enable xmlns='urn:xmpp:push:0' jid='push.foo.com'/>", to), to);
        expect_error(get("<services xmlns='urn:xmpp:extdisco:2'/>", to), to);
        expect_error(get("<query xmlns='jabber:iq:last'/>", to), to);
    }
    expect_error(get("<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'/></pubsub>", "alice@foo.com"),
                 "alice@foo.com");
}

TEST(VCard, IsSetByItsOwnerAndReadByEverybody)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.sends(get("<vCard xmlns='vcard-temp'/>"));
    EXPECT_EQ(alice.gets(),
              canonical("<iq type='result' id='g' to='alice@foo.com/home'><vCard xmlns='vcard-temp'/></iq>"));
    alice.sends(set("<vCard xmlns='vcard-temp'><FN>Alice &amp; é</FN></vCard>"));
    EXPECT_THAT(alice.gets(), HasSubstr("type='result'"));
    bob.sends(get("<vCard xmlns='vcard-temp'/>", "alice@foo.com"));
    EXPECT_EQ(bob.gets(), canonical("<iq type='result' id='g' to='bob@foo.com/work' from='alice@foo.com'><vCard "
                                    "xmlns='vcard-temp'><FN>Alice &amp; é</FN></vCard></iq>"));
    bob.sends(set("<vCard xmlns='vcard-temp'/>", "alice@foo.com"));
    EXPECT_THAT(bob.gets(), HasSubstr("service-unavailable"));
}

TEST(PrivateXml, IsKeptByNamespaceForItsOwnerOnly)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.sends(set("<query xmlns='jabber:iq:private'><exodus xmlns='exodus:prefs'><a b='c'/></exodus></query>"));
    EXPECT_THAT(alice.gets(), HasSubstr("type='result'"));
    alice.sends(get("<query xmlns='jabber:iq:private'><exodus xmlns='exodus:prefs'/></query>"));
    EXPECT_THAT(alice.gets(), HasSubstr("<exodus xmlns='exodus:prefs'><a b='c'/></exodus>"));
    alice.sends(get("<query xmlns='jabber:iq:private'><other xmlns='exodus:prefs'/></query>"));
    EXPECT_THAT(alice.gets(), HasSubstr("<other xmlns='exodus:prefs'/>"));
    bob.sends(get("<query xmlns='jabber:iq:private'><exodus xmlns='exodus:prefs'/></query>"));
    EXPECT_THAT(bob.gets(), Not(HasSubstr("<a ")));
}

TEST(PrivateXml, IsBounded)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    for (int i = 0; i < 100; ++i) {
        alice.sends(set("<query xmlns='jabber:iq:private'><x xmlns='n" + std::to_string(i) + "'/></query>"));
        EXPECT_THAT(alice.gets(), HasSubstr("type='result'"));
    }
    alice.sends(set("<query xmlns='jabber:iq:private'><x xmlns='one-too-many'/></query>"));
    EXPECT_THAT(alice.gets(), HasSubstr("resource-constraint"));
    alice.sends(set("<query xmlns='jabber:iq:private'><x xmlns='n1'>changed</x></query>"));
    EXPECT_THAT(alice.gets(), HasSubstr("type='result'"));
}

} // namespace
} // namespace jabberd::test
