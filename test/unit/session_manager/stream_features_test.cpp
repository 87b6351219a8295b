// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/sasl_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string ask(Server &server, std::string_view connection_element, std::string_view sto = "foo.com")
{
    server.sends("<iq type='get' id='f' sto='" + std::string{sto} +
                 "' sfrom='7@c2s/1'><query xmlns='jabber:iq:stream-features'>" + std::string{connection_element} +
                 "</query></iq>");
    return server.next("7@c2s/1");
}

std::string answer(std::string_view features)
{
    return canonical("<iq type='result' id='f' sto='7@c2s/1' sfrom='foo.com'>"
                     "<query xmlns='jabber:iq:stream-features'>" +
                     std::string{features} + "</query></iq>");
}

std::string sasl(std::string_view mechanisms)
{
    const std::string all{mechanisms};
    return "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + all +
           "</mechanisms><authentication xmlns='urn:xmpp:sasl:2'>" + all +
           "<inline><bind xmlns='urn:xmpp:bind:0'/></inline></authentication>";
}

const std::string scram = "<mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1</mechanism>";
const std::string old_ways = "<auth xmlns='http://jabber.org/features/iq-auth'/>"
                             "<register xmlns='http://jabber.org/features/iq-register'/>";

TEST(StreamFeatures, OfferNoPlainInTheClear)
{
    Server server;
    EXPECT_EQ(ask(server, clear_text), answer(sasl(scram) + old_ways));
    EXPECT_EQ(ask(server, ""), answer(sasl(scram) + old_ways));
}

TEST(StreamFeatures, OfferPlainInTheClearWhereTheOperatorLetsItTravelSo)
{
    Server server;
    EXPECT_EQ(ask(server, clear_and_plain), answer(sasl(scram + "<mechanism>PLAIN</mechanism>") + old_ways));
    server.register_account("alice");
    SaslLogin login;
    login.mechanism = "PLAIN";
    login.connection_element = clear_and_plain;
    SaslClient client{server, login};
    EXPECT_THAT(client.logs_in(), HasSubstr("<success"));
    server.reload("<mechanisms><mechanism>SCRAM-SHA-1</mechanism></mechanisms>");
    EXPECT_THAT(ask(server, clear_and_plain), Not(HasSubstr("PLAIN")));
}

TEST(StreamFeatures, OfferPlainLastOverTls)
{
    Server server;
    EXPECT_EQ(ask(server, over_tls()), answer(sasl(scram + "<mechanism>PLAIN</mechanism>") + old_ways));
}

TEST(StreamFeatures, OfferTheChannelBindingThatCanBeUsed)
{
    Server server;
    const std::string plus = "<mechanism>SCRAM-SHA-256-PLUS</mechanism><mechanism>SCRAM-SHA-1-PLUS</mechanism>";
    EXPECT_EQ(ask(server, over_tls({{"tls-exporter", "x"}, {"tls-server-end-point", "y"}})),
              answer(sasl(plus + scram + "<mechanism>PLAIN</mechanism>") +
                     "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-exporter'/>"
                     "</sasl-channel-binding>" +
                     old_ways));
    EXPECT_THAT(ask(server, over_tls({{"tls-unique", "x"}})), HasSubstr("<channel-binding type='tls-unique'/>"));
    EXPECT_THAT(ask(server, over_tls({{"tls-server-end-point", "y"}})),
                AllOf(Not(HasSubstr("PLUS")), Not(HasSubstr("sasl-cb"))));
    EXPECT_THAT(ask(server, over_tls({{"tls-exporter", ""}})), Not(HasSubstr("PLUS")));
}

TEST(StreamFeatures, FollowTheConfiguration)
{
    Server server{"<mechanisms><mechanism>PLAIN</mechanism><mechanism>SCRAM-SHA-256</mechanism></mechanisms>"};
    EXPECT_EQ(ask(server, over_tls({{"tls-exporter", "x"}})),
              answer(sasl("<mechanism>SCRAM-SHA-256</mechanism><mechanism>PLAIN</mechanism>") +
                     "<auth xmlns='http://jabber.org/features/iq-auth'/>"));
    server.reload("<mechanisms><mechanism>PLAIN</mechanism></mechanisms>");
    EXPECT_EQ(ask(server, clear_text), answer("<auth xmlns='http://jabber.org/features/iq-auth'/>"));
}

TEST(StreamFeatures, OfferBindingToWhoIsAuthenticated)
{
    Server server;
    server.register_account("alice");
    SaslClient client{server, {}};
    client.logs_in();
    EXPECT_EQ(client.asks("get", "<query xmlns='jabber:iq:stream-features'>" + over_tls() + "</query>"),
              canonical("<iq type='result' id='i' sto='" + client.connection +
                        "' sfrom='foo.com'><query xmlns='jabber:iq:stream-features'>"
                        "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
                        "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>"
                        "<ver xmlns='urn:xmpp:features:rosterver'/></query></iq>"));
    EXPECT_THAT(ask(server, over_tls(), "alice@foo.com"), HasSubstr("not-authorized")); // that is somebody else
}

TEST(StreamFeatures, OfASessionAreThoseThatItMayStillUse)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.sends("<iq type='get' id='f'><query xmlns='jabber:iq:stream-features'/></iq>");
    EXPECT_EQ(alice.gets_routed(), canonical("<iq type='result' id='f' sto='" + alice.connection +
                                             "' sfrom='foo.com'><query xmlns='jabber:iq:stream-features'>"
                                             "<ver xmlns='urn:xmpp:features:rosterver'/></query></iq>"));
    EXPECT_TRUE(alice.is_quiet());
}

TEST(StreamFeatures, MistakesInTheListOfMechanismsAreReportedWithTheirLine)
{
    Server server;
    EXPECT_FALSE(server.reload("<mechanisms>\n<mechanism>CRAM-MD5</mechanism>\n<x/></mechanisms>\n<mechanisms/>"));
    const auto reports = server.host.reports();
    ASSERT_EQ(reports.size(), 4u);
    EXPECT_THAT(reports[0], AllOf(HasSubstr("error in line 2"), HasSubstr("CRAM-MD5"), HasSubstr("SCRAM-SHA-256")));
    EXPECT_THAT(reports[1], AllOf(HasSubstr("error in line 4"), HasSubstr("needs a <mechanism>")));
    EXPECT_THAT(reports[2], AllOf(HasSubstr("warning in line 1"), HasSubstr("<mechanisms/> is there again")));
    EXPECT_THAT(reports[3], AllOf(HasSubstr("warning in line 3"), HasSubstr("<x/>")));
}

} // namespace
} // namespace jabberd::test
