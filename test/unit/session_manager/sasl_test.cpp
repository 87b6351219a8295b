// SPDX-License-Identifier: LGPL-2.1-or-later
// Logins with SASL that work, in both profiles.
#include "support/sasl_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

const std::map<std::string, std::string> unique = {{"tls-unique", "twelve bytes"}};

SaslLogin with(std::string mechanism, bool sasl2 = false)
{
    SaslLogin login;
    if (mechanism.ends_with("-PLUS")) {
        login.bindings = exporter;
        login.connection_element = over_tls(exporter);
    }
    login.mechanism = std::move(mechanism);
    login.sasl2 = sasl2;
    return login;
}

class Sasl : public ::testing::TestWithParam<const char *> {};
INSTANTIATE_TEST_SUITE_P(Mechanisms, Sasl,
                         ::testing::Values("SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1",
                                           "PLAIN"),
                         [](const auto &mechanism) {
                             std::string name{mechanism.param};
                             std::erase(name, '-');
                             return name;
                         });

TEST_P(Sasl, SuccessComesFromTheBareAddress)
{
    Server server;
    server.register_account("alice");
    SaslClient client{server, with(GetParam())};
    EXPECT_THAT(client.logs_in(), StartsWith("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl' id='n' sto='" +
                                             client.connection + "' sfrom='alice@foo.com'"));
    EXPECT_THAT(server.status(), HasSubstr("sessions=0"));
}

TEST_P(Sasl, SuccessOfTheSecondProfileNamesWhoIsLoggedIn)
{
    Server server;
    server.register_account("alice");
    SaslClient client{server, with(GetParam(), true)};
    EXPECT_THAT(client.logs_in(),
                AllOf(StartsWith("<success xmlns='urn:xmpp:sasl:2' id='n'"), HasSubstr("sfrom='alice@foo.com'>"),
                      HasSubstr("<authorization-identifier>alice@foo.com</authorization-identifier></success>")));
}

TEST_P(Sasl, WorksForAClientThatLetsTheServerSpeakFirst)
{
    Server server;
    server.register_account("alice");
    for (const bool sasl2 : {false, true}) {
        SaslLogin login = with(GetParam(), sasl2);
        login.speaks_first = false;
        SaslClient client{server, login};
        EXPECT_THAT(client.begins(), AllOf(StartsWith("<challenge"), HasSubstr("/>")));
        EXPECT_THAT(client.logs_in(), Not(HasSubstr("failure")));
    }
}

TEST_P(Sasl, RefusesAWrongPasswordAndAnUnknownUserAlike)
{
    Server server;
    server.register_account("alice");
    for (const bool sasl2 : {false, true}) {
        for (const std::string user : {"alice", "nobody", "no body"}) {
            SaslLogin login = with(GetParam(), sasl2);
            login.user = user;
            login.password = "wrong";
            SaslClient client{server, login};
            EXPECT_EQ(client.logs_in(), failure(client, "not-authorized", sasl2)) << user;
        }
    }
}

TEST_P(Sasl, MayTryAgainOnTheSameConnection)
{
    Server server;
    server.register_account("alice");
    SaslLogin login = with(GetParam());
    login.password = "wrong";
    SaslClient wrong{server, login};
    EXPECT_EQ(wrong.logs_in(), failure(wrong, "not-authorized"));
    SaslClient right{server, with(GetParam()), wrong.connection};
    EXPECT_THAT(right.logs_in(), StartsWith("<success"));
}

TEST_P(Sasl, AuthzidMayBeTheOwnAddressOnly)
{
    Server server;
    server.register_account("alice");
    server.register_account("bob");
    SaslLogin login = with(GetParam());
    login.authzid = "Alice@FOO.com";
    SaslClient own{server, login};
    EXPECT_THAT(own.logs_in(), StartsWith("<success"));
    for (const std::string other : {"bob@foo.com", "alice@foo.com/home", "alice@bar.org", "alice", "@"}) {
        login.authzid = other;
        SaslClient client{server, login};
        EXPECT_EQ(client.logs_in(), failure(client, "invalid-authzid")) << other;
    }
}

TEST_P(Sasl, PreparesNamesAndPasswords)
{
    Server server;
    server.register_account("jürgen", "a b");
    SaslLogin login = with(GetParam());
    login.user = "JÜRGEN";
    login.password = "a\u00A0b"; // a space to every preparation
    SaslClient client{server, login};
    EXPECT_THAT(client.logs_in(), HasSubstr("sfrom='jürgen@foo.com'"));
}

TEST_P(Sasl, IsLoggedWithoutSecrets)
{
    Server server;
    server.register_account("alice");
    SaslClient client{server, with(GetParam())};
    client.logs_in();
    SaslLogin login = with(GetParam());
    login.password = "very-secret";
    SaslClient wrong{server, login};
    wrong.logs_in();
    std::string all;
    for (const std::string &line : server.host.logs())
        all += line + "\n";
    EXPECT_THAT(all, HasSubstr("a client is authenticated USER=alice@foo.com CONNECTION=" + client.connection));
    EXPECT_THAT(all, HasSubstr("a login failed USER=alice@foo.com CONNECTION=" + wrong.connection +
                               " MECHANISM=" + GetParam() + " REASON=not-authorized"));
    EXPECT_THAT(all, Not(HasSubstr("secret")));
}

TEST(SaslChannelBinding, WorksWithTlsUniqueToo)
{
    Server server;
    server.register_account("alice");
    for (const std::string mechanism : {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS"}) {
        SaslLogin login = with(mechanism);
        login.bindings = unique;
        login.connection_element = over_tls({{"tls-exporter", "something"}, *unique.begin()});
        SaslClient client{server, login};
        EXPECT_THAT(client.logs_in(), StartsWith("<success"));
    }
}

TEST(SaslPlain, IsEnoughForADigestLoginLater)
{
    Server server;
    server.register_account("alice");
    server.restart("<digest>yes</digest>");
    SaslClient client{server, with("PLAIN")};
    EXPECT_THAT(client.logs_in(), StartsWith("<success"));
    server.sends("<iq type='get' id='a' sto='foo.com' sfrom='x@c2s/y'><query xmlns='jabber:iq:auth'>"
                 "<username>alice</username></query></iq>");
    EXPECT_THAT(server.next("x@c2s/y"), HasSubstr("<digest/>"));
}

TEST(Sasl2, BindsAtOnceWhereTheClientAsks)
{
    Server server;
    server.register_account("alice");
    SaslLogin login = with("SCRAM-SHA-256", true);
    login.requests = "<user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'><software>Ping</software></user-agent>"
                     "<bind xmlns='urn:xmpp:bind:0'><tag>Ping &amp; Pong</tag></bind>";
    SaslClient client{server, login};
    const std::string success = client.logs_in();
    EXPECT_THAT(client.authenticated_as(), MatchesRegex("alice@foo.com/Ping & Pong[.][0-9a-f]+"));
    EXPECT_THAT(success, AllOf(HasSubstr("<additional-data>"),
                               HasSubstr("<authorization-identifier>alice@foo.com/Ping &amp; Pong."),
                               HasSubstr("</authorization-identifier><bound xmlns='urn:xmpp:bind:0'/></success>")));

    ConnectedClient bound{server, client.connection, client.authenticated_as()};
    bound.sends("<iq type='get' id='p' to='foo.com'><ping xmlns='urn:xmpp:ping'/></iq>");
    EXPECT_THAT(bound.gets(), AllOf(HasSubstr("type='result'"), HasSubstr("id='p'")));
    EXPECT_THAT(client.asks("get", "<query xmlns='jabber:iq:stream-features'/>"),
                AllOf(HasSubstr("sfrom='foo.com'"), HasSubstr("type='result'"), Not(HasSubstr("xmpp-bind"))));
}

TEST(Sasl2, BindsWithoutATag)
{
    Server server;
    server.register_account("alice");
    SaslLogin login = with("PLAIN", true);
    login.requests = "<bind xmlns='urn:xmpp:bind:0'/>";
    SaslClient one{server, login}, other{server, login};
    EXPECT_THAT(one.logs_in(), HasSubstr("<bound"));
    EXPECT_THAT(other.logs_in(), HasSubstr("<bound"));
    EXPECT_THAT(one.authenticated_as(), MatchesRegex("alice@foo.com/[0-9a-f]+"));
    EXPECT_NE(one.authenticated_as(), other.authenticated_as());
}

TEST(Sasl2, RefusesATagThatNamesNoProgram)
{
    Server server;
    server.register_account("alice");
    for (const std::string &tag : {std::string(2000, 'x'), std::string{"\xEE\x80\x80"}}) {
        SaslLogin login = with("SCRAM-SHA-1", true);
        login.requests = "<bind xmlns='urn:xmpp:bind:0'><tag>" + tag + "</tag></bind>";
        SaslClient client{server, login};
        EXPECT_EQ(client.logs_in(), failure(client, "malformed-request", true));
    }
}

TEST(Sasl2, LeavesAUserWithTooManySessionsUnbound)
{
    Server server;
    for (int i = 0; i < 50; ++i)
        server.log_in("alice", "r" + std::to_string(i));
    SaslLogin login = with("SCRAM-SHA-256", true);
    login.requests = "<bind xmlns='urn:xmpp:bind:0'/>";
    SaslClient client{server, login};
    EXPECT_THAT(client.logs_in(), AllOf(HasSubstr("sfrom='alice@foo.com'>"), Not(HasSubstr("<bound"))));
    EXPECT_THAT(client.asks("set", "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"),
                HasSubstr("resource-constraint"));
}

} // namespace
} // namespace jabberd::test
