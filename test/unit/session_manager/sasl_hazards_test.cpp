// SPDX-License-Identifier: LGPL-2.1-or-later
// SASL as nobody should speak it.
#include "support/sasl_client.h"

#include "base/base64.h"
#include "base/view.h"
#include "packet/notice.h"
#include "packet/returned_packet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

SaslLogin plus()
{
    SaslLogin login;
    login.mechanism = "SCRAM-SHA-256-PLUS";
    login.bindings = exporter;
    login.connection_element = over_tls(exporter);
    return login;
}

std::string scram_salt(const SaslClient &client)
{
    const auto begin = client.challenge().find(",s=");
    return client.challenge().substr(begin, client.challenge().find(",i=") - begin);
}

// With a first message of the test's own making.
std::string begins_with(SaslClient &client, const std::string &mechanism, const std::string &first,
                        const std::string &connection_element)
{
    return client.sends(
        client.element("auth", "mechanism='" + mechanism + "'", connection_element + base64_encode(first)));
}

TEST(SaslHazards, UnknownUsersHaveSaltsAndKeepThem)
{
    Server server;
    server.register_account("alice");
    SaslLogin login;
    login.user = "nobody";
    std::string salts[3];
    for (std::string &salt : salts) {
        SaslClient client{server, login};
        EXPECT_THAT(client.begins(), StartsWith("<challenge"));
        salt = scram_salt(client);
        EXPECT_THAT(client.challenge(), HasSubstr(",i=4096"));
        server.restart(); // nor does that give him away
    }
    EXPECT_EQ(salts[0], salts[1]);
    EXPECT_EQ(salts[0], salts[2]);
    SaslClient alice{server, {}};
    alice.begins();
    EXPECT_EQ(scram_salt(alice).size(), salts[0].size());
    EXPECT_NE(scram_salt(alice), salts[0]);
    login.user = "somebody";
    SaslClient other{server, login};
    other.begins();
    EXPECT_NE(scram_salt(other), salts[0]);
    Server elsewhere;
    login.user = "nobody";
    SaslClient there{elsewhere, login};
    there.begins();
    EXPECT_NE(scram_salt(there), salts[0]);
}

// libgsasl's client ends such a login by itself: it would not say y where it could bind the channel.
TEST(SaslHazards, ADowngradeIsNoticed)
{
    Server server;
    server.register_account("alice");
    SaslClient client{server, {}};
    for (const std::string mechanism : {"SCRAM-SHA-256", "SCRAM-SHA-1"}) {
        const std::string first = "y,,n=alice,r=abcdef"; // I could bind the channel, and think that you cannot
        EXPECT_EQ(begins_with(client, mechanism, first, over_tls(exporter)), failure(client, "not-authorized"));
        EXPECT_EQ(begins_with(client, mechanism, first, over_tls({{"tls-unique", "twelve bytes"}})),
                  failure(client, "not-authorized"));
        EXPECT_THAT(begins_with(client, mechanism, first, over_tls()), StartsWith("<challenge"));
        EXPECT_THAT(begins_with(client, mechanism, first, over_tls({{"tls-server-end-point", "y"}})),
                    StartsWith("<challenge"));
    }
    const std::string logged = testing::PrintToString(server.host.logs());
    EXPECT_THAT(logged, HasSubstr("MECHANISM=SCRAM-SHA-256 REASON=not-authorized: says it was offered no channel "
                                  "binding, but it was"));
    EXPECT_THAT(logged, Not(HasSubstr("USER=@"))); // the name was not looked at
}

TEST(SaslHazards, NoDowngradeWhereTheOperatorLeavesChannelBindingOut)
{
    Server server{"<register>yes</register><mechanisms><mechanism>SCRAM-SHA-1</mechanism></mechanisms>"};
    server.register_account("alice");
    SaslClient client{server, {}};
    EXPECT_THAT(begins_with(client, "SCRAM-SHA-1", "y,,n=alice,r=abcdef", over_tls(exporter)),
                StartsWith("<challenge"));
}

TEST(SaslHazards, TheChannelOfAnotherConnectionFails)
{
    Server server;
    server.register_account("alice");
    SaslLogin login = plus();
    login.bindings = {{"tls-exporter", std::string(32, '\x08')}}; // a man in the middle has two channels
    SaslClient client{server, login};
    EXPECT_EQ(client.logs_in(), failure(client, "not-authorized"));
    login.bindings = {{"tls-unique", "twelve bytes"}}; // a type this connection does not have
    SaslClient unique{server, login};
    EXPECT_EQ(unique.logs_in(), failure(unique, "not-authorized"));
}

TEST(SaslHazards, ChannelBindingIsNeitherForgottenNorMadeUp)
{
    Server server;
    server.register_account("alice");
    SaslClient client{server, {}};
    for (const std::string gs2 : {"n,,", "y,,", "p=tls-server-end-point,,", "p=,,"}) {
        EXPECT_EQ(begins_with(client, "SCRAM-SHA-256-PLUS", gs2 + "n=alice,r=abcdef", over_tls(exporter)),
                  failure(client, "not-authorized"))
            << gs2;
    }
    for (const std::string gs2 : {"p=tls-exporter,,", "p=anything,,"}) {
        EXPECT_EQ(begins_with(client, "SCRAM-SHA-256", gs2 + "n=alice,r=abcdef", over_tls()),
                  failure(client, "malformed-request"))
            << gs2;
    }
}

TEST(SaslHazards, MechanismsThatWereNotOfferedAreRefused)
{
    Server server;
    server.register_account("alice");
    SaslClient client{server, {}};
    const std::string scram = "n,,n=alice,r=abcdef";
    EXPECT_EQ(begins_with(client, "SCRAM-SHA-256-PLUS", scram, over_tls()), failure(client, "invalid-mechanism"));
    EXPECT_EQ(begins_with(client, "SCRAM-SHA-256-PLUS", scram, over_tls({{"tls-server-end-point", "x"}})),
              failure(client, "invalid-mechanism"));
    for (const std::string unknown : {"ANONYMOUS", "EXTERNAL", "CRAM-MD5", "DIGEST-MD5", "LOGIN", "plain", ""})
        EXPECT_EQ(begins_with(client, unknown, scram, over_tls()), failure(client, "invalid-mechanism")) << unknown;
    server.reload("<mechanisms><mechanism>SCRAM-SHA-1</mechanism></mechanisms>");
    EXPECT_EQ(begins_with(client, "PLAIN", scram, over_tls()), failure(client, "invalid-mechanism"));
}

TEST(SaslHazards, PlainNeedsTls)
{
    Server server;
    server.register_account("alice");
    for (const bool sasl2 : {false, true}) {
        SaslLogin login;
        login.mechanism = "PLAIN";
        login.sasl2 = sasl2;
        for (const std::string &connection : {std::string{clear_text}, std::string{}}) {
            login.connection_element = connection;
            SaslClient client{server, login};
            EXPECT_EQ(client.logs_in(), failure(client, "encryption-required", sasl2));
        }
    }
    SaslLogin scram;
    scram.connection_element = clear_text;
    SaslClient client{server, scram};
    EXPECT_THAT(client.logs_in(), StartsWith("<success"));
}

TEST(SaslHazards, Base64IsReadStrictly)
{
    Server server;
    for (const std::string wrong :
         {"a", "abc", "ab=c", "ab==cd==", "YW\nJj", " YWJj", "YWJj ", "YW-_", "YR==", "===", "==", "Ã"}) {
        SaslClient client{server, {}};
        EXPECT_EQ(client.sends(client.element("auth", "mechanism='SCRAM-SHA-256'", wrong)),
                  failure(client, "incorrect-encoding"))
            << wrong;
        EXPECT_THAT(client.begins(), StartsWith("<challenge"));
        EXPECT_EQ(client.sends(client.element("response", "", wrong)), failure(client, "incorrect-encoding")) << wrong;
    }
}

TEST(SaslHazards, NonsenseIsMalformed)
{
    Server server;
    server.register_account("alice");
    SaslClient client{server, {}};
    using namespace std::string_literals;
    for (const std::string &wrong : {"n"s, "n,,n=alice"s, "n,,n=a\0lice,r=abcdef"s, "x,,n=alice,r=abcdef"s,
                                     "n,,m=ext,n=alice,r=abcdef"s, std::string(4000, 'n')})
        EXPECT_EQ(begins_with(client, "SCRAM-SHA-256", wrong, over_tls()), failure(client, "malformed-request"))
            << wrong;
    for (const std::string &wrong : {"alice"s, "\0alice"s, "alice\0secret"s})
        EXPECT_EQ(begins_with(client, "PLAIN", wrong, over_tls()), failure(client, "malformed-request")) << wrong;
    for (const std::string mechanism : {"SCRAM-SHA-256", "PLAIN"}) // an initial response that says nothing
        EXPECT_EQ(client.sends(client.element("auth", "mechanism='" + mechanism + "'", over_tls() + "=")),
                  failure(client, "malformed-request"));
    for (const std::string &wrong : {"\xFF\0alice\0secret"s, "\0al\xFFice\0secret"s, "\0alice\0sec\xFFret"s})
        EXPECT_THAT(begins_with(client, "PLAIN", wrong, over_tls()), HasSubstr("<failure")) << wrong;
}

TEST(SaslHazards, AResponseBeforeAuthFails)
{
    Server server;
    SaslClient client{server, {}};
    EXPECT_EQ(client.sends(client.element("response", "", base64_encode("n,,n=alice,r=abcdef"))),
              failure(client, "not-authorized"));
}

TEST(SaslHazards, AResponseOfTheOtherProfileFails)
{
    Server server;
    server.register_account("alice");
    SaslClient client{server, {}};
    client.begins();
    SaslLogin login;
    login.sasl2 = true;
    EXPECT_THAT(client.sends("<response xmlns='urn:xmpp:sasl:2' id='n' sto='foo.com' sfrom='" + client.connection +
                             "'>YWJj</response>"),
                HasSubstr("not-authorized"));
}

TEST(SaslHazards, ASuccessCannotBeUsedTwice)
{
    Server server;
    server.register_account("alice");
    SaslClient client{server, {}};
    EXPECT_THAT(client.logs_in(), StartsWith("<success"));
    EXPECT_EQ(client.sends(client.element("response", "", "YWJj")), failure(client, "not-authorized"));
}

TEST(SaslHazards, AnAbortEndsTheExchange)
{
    Server server;
    server.register_account("alice");
    for (const bool sasl2 : {false, true}) {
        SaslLogin login;
        login.sasl2 = sasl2;
        SaslClient client{server, login};
        client.begins();
        EXPECT_EQ(client.sends(client.element("abort", "", "")), failure(client, "aborted", sasl2));
        EXPECT_EQ(client.sends(client.element("response", "", "YWJj")), failure(client, "not-authorized", sasl2));
    }
}

TEST(SaslHazards, AnAbortInPlaceOfAClientThatLeftIsNotAnswered)
{
    Server server;
    server.register_account("alice");
    SaslClient client{server, {}};
    client.begins();
    server.sends("<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl' sto='foo.com' sfrom='" + client.connection + "'/>");
    EXPECT_EQ(client.sends(client.element("response", "", "YWJj")), failure(client, "not-authorized"));
}

TEST(SaslHazards, AReturnedChallengeEndsTheExchange)
{
    Server server;
    server.register_account("alice");
    SaslClient client{server, {}};
    client.begins();
    const OwnedPacket challenge = packet_from_xml("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl' sto='" +
                                                  client.connection + "' sfrom='foo.com'>YWJj</challenge>");
    const packet::ReturnedPacket returned{challenge.packet(), packet::Undelivered::Disconnected};
    server.host.handle(returned.packet());
    EXPECT_EQ(client.sends(client.element("response", "", "YWJj")), failure(client, "not-authorized"));
}

TEST(SaslHazards, ASecondAuthTakesThePlaceOfTheFirst)
{
    Server server;
    server.register_account("alice");
    SaslClient client{server, {}};
    client.begins();
    const std::string first_challenge = client.challenge();
    EXPECT_THAT(begins_with(client, "SCRAM-SHA-1", "n,,n=bob,r=abcdefgh", over_tls()), StartsWith("<challenge"));
    EXPECT_NE(client.challenge(), first_challenge);
    EXPECT_EQ(client.sends(client.element("response", "", base64_encode("c=biws,r=abcdefgh,p=YWJj"))),
              failure(client, "not-authorized"));
    EXPECT_EQ(client.sends(client.element("response", "", "YWJj")), failure(client, "not-authorized"));
}

TEST(SaslHazards, AnExchangeBelongsToItsConnection)
{
    Server server;
    server.register_account("alice");
    SaslClient client{server, {}}, other{server, {}};
    client.begins();
    EXPECT_EQ(other.sends(other.element("response", "", "YWJj")), failure(other, "not-authorized"));
    EXPECT_THAT(client.answers(), StartsWith("<success"));
}

TEST(SaslHazards, ExchangesInProgressAreBoundedAndTakeNobodysAway)
{
    Server server;
    server.register_account("alice");
    SaslClient first{server, {}};
    first.begins();
    for (int i = 0; i < 1100; ++i)
        server.sends("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256' sto='foo.com' sfrom='" +
                     std::to_string(i) + "@c2s/flood'/>");
    EXPECT_THAT(server.next("1099@c2s/flood"), HasSubstr("temporary-auth-failure"));
    EXPECT_THAT(first.answers(), StartsWith("<success"));
    SaslLogin elsewhere;
    elsewhere.connection_element = over_tls({});
    SaslClient later{server, elsewhere};
    later.begins();
    EXPECT_THAT(later.answers(), StartsWith("<success"));
    EXPECT_THAT(server.status(), HasSubstr("refused: logins, work of an address="));
}

TEST(SaslHazards, HostsAreKeptApart)
{
    Server server;
    server.register_account("alice");
    const std::string plain = base64_encode(std::string("\0alice\0secret", 13));
    server.sends(
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN' id='n' sto='bar.org' sfrom='x@c2s/y'>" +
        over_tls() + plain + "</auth>");
    EXPECT_THAT(server.next("x@c2s/y"), HasSubstr("not-authorized"));
}

TEST(SaslHazards, NobodyLogsInWhileStopping)
{
    Server server;
    server.register_account("alice");
    SaslClient begun{server, {}};
    begun.begins();
    server.stop();
    EXPECT_EQ(begun.answers(), failure(begun, "temporary-auth-failure"));
    SaslClient late{server, {}};
    EXPECT_EQ(late.begins(), failure(late, "temporary-auth-failure"));
}

TEST(SaslHazards, OtherElementsOfItsNamespacesAreIgnored)
{
    Server server;
    server.register_account("alice");
    SaslClient client{server, {}};
    for (const std::string name : {"success", "challenge", "failure", "authenticate", "next"})
        server.sends(client.element(name, "mechanism='PLAIN'", ""));
    EXPECT_THAT(client.logs_in(), StartsWith("<success"));
}

} // namespace
} // namespace jabberd::test
