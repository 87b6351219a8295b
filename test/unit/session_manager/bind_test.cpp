// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/sasl_client.h"

#include "base/view.h"
#include "packet/notice.h"
#include "packet/returned_packet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace jabberd::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

// An authenticated client.
class Bind : public ::testing::Test {
protected:
    Bind()
    {
        server.register_account("alice");
        server.register_account("bob");
        alice.logs_in();
    }

    static std::string request(std::string_view resource)
    {
        return "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>" +
               (resource.empty() ? std::string{} : "<resource>" + std::string{resource} + "</resource>") + "</bind>";
    }

    // A request of any connection for any account.
    std::string binds(SaslClient &client, const std::string &address, std::string_view resource = "home")
    {
        return client.sends("<iq type='set' id='i' sto='" + address + "' sfrom='" + client.connection + "'>" +
                            request(resource) + "</iq>");
    }

    std::string bound(const SaslClient &client, const std::string &id) const
    {
        return canonical("<iq type='result' id='i' sto='" + client.connection + "' sfrom='" + id +
                         "'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>" + id + "</jid></bind></iq>");
    }

    Server server;
    SaslClient alice{server, {}};
};

TEST_F(Bind, MakesASession)
{
    EXPECT_EQ(alice.asks("set", request("home &amp; away")), bound(alice, "alice@foo.com/home &amp; away"));
    ConnectedClient session{server, alice.connection, alice.authenticated_as()};
    session.sends("<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>");
    EXPECT_EQ(session.gets(), canonical("<iq type='result' id='s' to='alice@foo.com/home &amp; away'/>"));
    session.sends("<message to='alice@foo.com/home &amp; away'><body>to myself</body></message>");
    EXPECT_THAT(session.gets(), HasSubstr("to myself"));
}

TEST_F(Bind, ChoosesAResourceWhereTheClientDoesNot)
{
    EXPECT_THAT(alice.asks("set", request("")), HasSubstr("type='result'"));
    EXPECT_THAT(alice.authenticated_as(), MatchesRegex("alice@foo.com/[0-9a-f]{32}"));
    SaslClient other{server, {}};
    other.logs_in();
    other.asks("set", "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource/></bind>");
    EXPECT_THAT(other.authenticated_as(), MatchesRegex("alice@foo.com/[0-9a-f]{32}"));
    EXPECT_NE(other.authenticated_as(), alice.authenticated_as());
}

TEST_F(Bind, PreparesTheResource)
{
    EXPECT_THAT(binds(alice, "alice@foo.com", "\xEE\x80\x80"), HasSubstr("bad-request")); // a private code point
    EXPECT_THAT(binds(alice, "alice@foo.com", std::string(1024, 'x')), HasSubstr("bad-request"));
    EXPECT_EQ(binds(alice, "alice@foo.com", "\xC2\xAA"), bound(alice, "alice@foo.com/a")); // and an error was no end
}

TEST_F(Bind, EndsTheFormerSessionOfTheSameName)
{
    ConnectedClient former = server.log_in("alice", "home");
    EXPECT_EQ(alice.asks("set", request("home")), bound(alice, "alice@foo.com/home"));
    EXPECT_EQ(former.gets_routed(),
              canonical("<message type='error' sto='" + former.connection +
                        "' sfrom='alice@foo.com/home'><error code='510'>Disconnected</error><end "
                        "xmlns='jabber:socket-manager:end' condition='conflict'>A newer login has the name of this "
                        "session</end></message>"));
    former.disconnects();
    EXPECT_TRUE((ConnectedClient{server, alice.connection, "alice@foo.com/home"}.is_quiet()));
}

TEST_F(Bind, IsForWhoeverWasAuthenticatedOnly)
{
    SaslClient other{server, {}};
    EXPECT_THAT(binds(other, "alice@foo.com"), HasSubstr("not-authorized"));
    EXPECT_THAT(binds(alice, "bob@foo.com"), HasSubstr("not-authorized"));
    EXPECT_THAT(binds(alice, "ALICE@foo.com"), HasSubstr("not-authorized")); // exactly as it was told
    EXPECT_THAT(binds(alice, "alice@bar.org"), HasSubstr("not-authorized"));
    EXPECT_THAT(server.status(), HasSubstr("sessions=0"));
    EXPECT_EQ(binds(alice, "alice@foo.com"), bound(alice, "alice@foo.com/home"));
}

TEST_F(Bind, HappensOnce)
{
    EXPECT_EQ(binds(alice, "alice@foo.com", "one"), bound(alice, "alice@foo.com/one"));
    EXPECT_THAT(binds(alice, "alice@foo.com", "two"), HasSubstr("not-authorized"));
    EXPECT_THAT(server.status(), HasSubstr("sessions=1"));
}

TEST_F(Bind, HappensOnceWhenAskedTwiceAtOnce)
{
    for (const char *resource : {"one", "two"}) // he is loaded from the database meanwhile
        server.sends("<iq type='set' id='i' sto='alice@foo.com' sfrom='" + alice.connection + "'>" + request(resource) +
                     "</iq>");
    // In either order: the storage thread delivers one, ours the other, and there is no session yet that orders them.
    const std::array answers{alice.gets(), alice.gets()};
    EXPECT_THAT(answers, UnorderedElementsAre(bound(alice, "alice@foo.com/one"), HasSubstr("not-authorized")));
    EXPECT_THAT(server.status(), HasSubstr("sessions=1"));
}

TEST_F(Bind, TheEndOfTheConnectionIsTheEndOfTheLogin)
{
    server.host.handle(packet::disconnected_notice("alice@foo.com", alice.connection));
    EXPECT_THAT(binds(alice, "alice@foo.com"), HasSubstr("not-authorized"));
}

TEST_F(Bind, AReturnedSuccessIsTheEndOfTheLogin)
{
    const OwnedPacket success = packet_from_xml("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl' sto='" +
                                                alice.connection + "' sfrom='alice@foo.com'/>");
    const packet::ReturnedPacket returned{success.packet(), packet::Undelivered::Disconnected};
    EXPECT_EQ(server.host.handle(returned.packet()), JABBERD_DONE);
    EXPECT_THAT(binds(alice, "alice@foo.com"), HasSubstr("not-authorized"));
}

TEST_F(Bind, TheEndOfAConnectionThatDoesNotKnowItsSessionYetEndsIt)
{
    binds(alice, "alice@foo.com");
    server.host.handle(packet::disconnected_notice("alice@foo.com", alice.connection));
    EXPECT_THAT(server.status(), HasSubstr("sessions=0"));
}

TEST_F(Bind, AReturnedBoundSuccessEndsTheSession)
{
    SaslLogin login;
    login.sasl2 = true;
    login.requests = "<bind xmlns='urn:xmpp:bind:0'/>";
    SaslClient client{server, login};
    client.logs_in();
    EXPECT_THAT(server.status(), HasSubstr("sessions=1"));
    const OwnedPacket success = packet_from_xml("<success xmlns='urn:xmpp:sasl:2' sto='" + client.connection +
                                                "' sfrom='" + client.authenticated_as() + "'/>");
    const packet::ReturnedPacket returned{success.packet(), packet::Undelivered::Disconnected};
    server.host.handle(returned.packet());
    EXPECT_THAT(server.status(), HasSubstr("sessions=0"));
}

TEST_F(Bind, NothingElseIsTakenBeforeIt)
{
    EXPECT_THAT(alice.asks("get", "<query xmlns='jabber:iq:roster'/>"), HasSubstr("not-allowed"));
    EXPECT_THAT(alice.asks("get", request("x")), HasSubstr("not-allowed"));
    for (const std::string stanza : {"<message to='bob@foo.com' ", "<presence "})
        server.sends(stanza + "sto='alice@foo.com' sfrom='" + alice.connection + "'/>");
    EXPECT_THAT(server.host.logs().back(), HasSubstr("before a resource was bound, ignoring USER=alice@foo.com"));
    server.sends("<iq type='result' id='x' sto='alice@foo.com' sfrom='" + alice.connection + "'/>");
    EXPECT_EQ(binds(alice, "alice@foo.com"), bound(alice, "alice@foo.com/home"));
}

TEST_F(Bind, AnAccountThatWasRemovedMeanwhileHasNoSession)
{
    ConnectedClient elsewhere = server.log_in("alice", "elsewhere");
    elsewhere.sends("<iq type='set' id='c'><query xmlns='jabber:iq:register'><remove/></query></iq>");
    elsewhere.gets();
    EXPECT_THAT(binds(alice, "alice@foo.com"), HasSubstr("not-authorized"));
}

TEST_F(Bind, AStopEndsThoseThatWereToBind)
{
    server.stop();
    EXPECT_EQ(alice.gets(), canonical("<message type='error' sto='" + alice.connection +
                                      "' sfrom='alice@foo.com'><error code='510'>Disconnected</error><end "
                                      "xmlns='jabber:socket-manager:end' condition='system-shutdown'>The session "
                                      "manager is shutting down</end></message>"));
}

} // namespace
} // namespace jabberd::test
