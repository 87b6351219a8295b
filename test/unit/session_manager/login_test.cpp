// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/server.h"

#include <gtest/gtest.h>

#include <openssl/evp.h>

namespace jabberd::test {
namespace {

const std::string unauthorized =
    "<error code='401' type='auth'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";

std::string auth(std::string_view type, std::string_view fields, std::string_view connection = "7@c2s/1")
{
    return "<iq type='" + std::string{type} + "' id='a' sto='foo.com' sfrom='" + std::string{connection} +
           "'><query xmlns='jabber:iq:auth'>" + std::string{fields} + "</query></iq>";
}

std::string sha1_hex(std::string_view input)
{
    unsigned char hash[20];
    EVP_Digest(input.data(), input.size(), hash, nullptr, EVP_sha1(), nullptr);
    std::string out;
    for (const unsigned char byte : hash) {
        char digits[3];
        snprintf(digits, sizeof digits, "%02x", byte);
        out += digits;
    }
    return out;
}

TEST(Login, AnswersWithTheSessionIdAsSfrom)
{
    Server server;
    server.register_account("alice");
    server.sends(
        auth("set", "<username>Alice</username><password>secret</password><resource>Home &amp; away</resource>"));
    EXPECT_EQ(server.next("7@c2s/1"),
              canonical("<iq type='result' id='a' sto='7@c2s/1' sfrom='alice@foo.com/Home &amp; away'/>"));
}

TEST(Login, RefusesAWrongPasswordWithoutRepeatingIt)
{
    Server server;
    server.register_account("alice");
    server.sends(auth("set", "<username>alice</username><password>wrong</password><resource>r</resource>"));
    EXPECT_EQ(server.next("7@c2s/1"), canonical("<iq type='error' id='a' sto='7@c2s/1' sfrom='foo.com'><query "
                                                "xmlns='jabber:iq:auth'><username>alice</username>"
                                                "<resource>r</resource></query>" +
                                                unauthorized + "</iq>"));
}

TEST(Login, TellsNobodyWhetherAUserExists)
{
    Server server;
    server.sends(auth("set", "<username>nobody</username><password>x</password><resource>r</resource>"));
    EXPECT_EQ(server.next("7@c2s/1"), canonical("<iq type='error' id='a' sto='7@c2s/1' sfrom='foo.com'><query "
                                                "xmlns='jabber:iq:auth'><username>nobody</username>"
                                                "<resource>r</resource></query>" +
                                                unauthorized + "</iq>"));
}

TEST(Login, NeedsAUsernameAProofAndAResource)
{
    Server server;
    server.register_account("alice");
    server.sends(auth("set", "<username>alice</username><password>secret</password>"));
    EXPECT_NE(server.next("7@c2s/1").find("not-acceptable"), std::string::npos);
    server.sends(auth("set", "<username>alice</username><resource>r</resource>"));
    EXPECT_NE(server.next("7@c2s/1").find("not-acceptable"), std::string::npos);
    server.sends(auth("set", "<username>a/b</username><password>secret</password><resource>r</resource>"));
    EXPECT_NE(server.next("7@c2s/1").find("not-acceptable"), std::string::npos);
}

TEST(Login, OffersNoDigestUnlessConfigured)
{
    Server server;
    server.register_account("alice");
    server.sends(auth("get", "<username>alice</username>"));
    EXPECT_EQ(server.next("7@c2s/1"), canonical("<iq type='result' id='a' sto='7@c2s/1' sfrom='foo.com'><query "
                                                "xmlns='jabber:iq:auth'><username>alice</username>"
                                                "<password/><resource/></query></iq>"));
    server.sends(auth("set", "<username>alice</username><digest sid='42'>" + sha1_hex("42secret") +
                                 "</digest><resource>r</resource>"));
    EXPECT_NE(server.next("7@c2s/1").find("not-authorized"), std::string::npos);
}

TEST(Login, OffersAndAcceptsADigestWhereConfigured)
{
    Server server{"<register>yes</register><iterations>4096</iterations><digest>yes</digest>"};
    server.register_account("alice");
    server.sends(auth("get", "<username>alice</username>"));
    EXPECT_NE(server.next("7@c2s/1").find("<digest/>"), std::string::npos);
    server.sends(auth("set", "<username>alice</username><digest sid='42'>" + sha1_hex("43secret") +
                                 "</digest><resource>r</resource>"));
    EXPECT_NE(server.next("7@c2s/1").find("not-authorized"), std::string::npos);
    server.sends(auth("set", "<username>alice</username><digest sid='42'>" + sha1_hex("42secret") +
                                 "</digest><resource>r</resource>"));
    EXPECT_EQ(server.next("7@c2s/1"), canonical("<iq type='result' id='a' sto='7@c2s/1' sfrom='alice@foo.com/r'/>"));
}

TEST(Login, OffersADigestOnceThePasswordWasSeen)
{
    Server server;
    server.register_account("alice");
    server.restart("<digest>yes</digest>");
    server.sends(auth("get", "<username>alice</username>"));
    EXPECT_EQ(server.next("7@c2s/1").find("<digest/>"), std::string::npos);
    server.sends(auth("get", "<username>nobody</username>"));
    EXPECT_NE(server.next("7@c2s/1").find("<digest/>"), std::string::npos); // as most accounts would
    server.sends(auth("set", "<username>alice</username><password>secret</password><resource>r</resource>"));
    EXPECT_NE(server.next("7@c2s/1").find("result"), std::string::npos);
    server.sends(auth("get", "<username>alice</username>", "8@c2s/2"));
    EXPECT_NE(server.next("8@c2s/2").find("<digest/>"), std::string::npos);
}

TEST(Login, KeepsNoPasswordInTheDatabase)
{
    Server server;
    server.register_account("alice", "correct-horse-battery");
    EXPECT_EQ(server.database_bytes().find("correct-horse-battery"), std::string::npos);
    server.reload("<register>yes</register><iterations>4096</iterations><digest>yes</digest>");
    server.register_account("bob", "bobs-horse-battery");
    EXPECT_NE(server.database_bytes().find("bobs-horse-battery"), std::string::npos); // the test can find one
    server.reload(default_options);
    server.status(); // waits for the storage thread
    EXPECT_EQ(server.database_bytes().find("bobs-horse-battery"), std::string::npos);
}

TEST(Login, EndsTheFirstSessionOfTheSameResource)
{
    Server server;
    ConnectedClient first = server.log_in("alice", "home");
    ConnectedClient second = server.log_in("alice", "home");
    EXPECT_EQ(first.gets_routed(),
              canonical("<message type='error' sto='" + first.connection +
                        "' sfrom='alice@foo.com/home'><error code='510'>Disconnected</error><end "
                        "xmlns='jabber:socket-manager:end' condition='conflict'>A newer login has the name of this "
                        "session</end></message>"));
    first.disconnects(); // the old one's echo
    first.disconnects();
    EXPECT_TRUE(second.is_quiet());
}

TEST(Login, RefusesPacketsOfAConnectionThatLostItsSession)
{
    Server server;
    ConnectedClient first = server.log_in("alice", "home");
    ConnectedClient second = server.log_in("alice", "home");
    first.gets();
    first.sends("<message to='alice@foo.com'><body>still me</body></message>");
    EXPECT_EQ(first.gets_routed(),
              canonical("<message type='error' sto='" + first.connection +
                        "' sfrom='alice@foo.com/home'><error code='510'>Disconnected</error><end "
                        "xmlns='jabber:socket-manager:end' condition='reset'>There is no such session any "
                        "more</end></message>"));
    EXPECT_TRUE(second.is_quiet());
}

TEST(Login, RefusesOtherPacketsBeforeIt)
{
    Server server;
    server.sends("<iq type='get' id='r' sto='foo.com' sfrom='7@c2s/1'><query xmlns='jabber:iq:roster'/></iq>");
    EXPECT_EQ(server.next("7@c2s/1"),
              canonical("<iq type='error' id='r' sto='7@c2s/1' sfrom='foo.com'>" + unauthorized + "</iq>"));
    server.sends("<message to='bob@foo.com' sto='foo.com' sfrom='7@c2s/1'><body>hi</body></message>");
    EXPECT_NE(server.next("7@c2s/1").find("510"), std::string::npos);
    server.sends("<message type='error' sto='foo.com' sfrom='7@c2s/1'><error code='510'/></message>"); // never answered
    server.sends("<iq type='get' id='last' sto='foo.com' sfrom='7@c2s/1'><query xmlns='jabber:iq:auth'/></iq>");
    EXPECT_NE(server.next("7@c2s/1").find("id='last'"), std::string::npos);
}

TEST(Login, KeepsHostsApart)
{
    Server server;
    server.register_account("alice");
    server.sends("<iq type='set' id='a' sto='bar.org' sfrom='7@c2s/1'><query "
                 "xmlns='jabber:iq:auth'><username>alice</username><password>secret</password>"
                 "<resource>r</resource></query></iq>");
    EXPECT_NE(server.next("7@c2s/1").find("not-authorized"), std::string::npos);
}

TEST(Login, IsLoggedOnceWithoutThePassword)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    std::string all;
    for (const std::string &line : server.host.logs())
        all += line + "\n";
    EXPECT_NE(all.find("a login succeeded SESSION=alice@foo.com/home CONNECTION=" + alice.connection),
              std::string::npos)
        << all;
    EXPECT_EQ(all.find("secret"), std::string::npos) << all;
}

} // namespace
} // namespace jabberd::test
