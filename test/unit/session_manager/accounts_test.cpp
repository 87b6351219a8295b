// SPDX-License-Identifier: LGPL-2.1-or-later
// What an operator does with accounts.
#include "support/sasl_client.h"
#include "support/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sqlite3.h>

namespace jabberd::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr int is_done = JABBERD_COMMAND_DONE, has_failed = JABBERD_COMMAND_FAILED, is_misused = JABBERD_COMMAND_MISUSED;
constexpr std::string_view closed_options = "<register>no</register><iterations>4096</iterations>";

std::string login(Server &server, const std::string &password, const std::string &mechanism = "SCRAM-SHA-256")
{
    SaslLogin wanted;
    wanted.mechanism = mechanism;
    wanted.password = password;
    return SaslClient{server, wanted}.logs_in();
}

TEST(Accounts, AreMadeWhereClientsMayNot)
{
    Server server{closed_options};
    EXPECT_EQ(server.advice(), "accounts add NAME: make the first account: there is none, and clients cannot register");
    const auto made = server.runs({"add", "Alice@FOO.com"}, "a-good-one");
    EXPECT_EQ(made.status, is_done) << made.errors;
    EXPECT_EQ(made.output, "the account alice@foo.com is made\n");
    EXPECT_THAT(login(server, "a-good-one"), HasSubstr("<success"));
    EXPECT_THAT(server.advice(), IsEmpty());
    EXPECT_EQ(server.database_bytes().find("a-good-one"), std::string::npos);
}

TEST(Accounts, AreNotMadeTwiceNorOfWhatIsNoName)
{
    Server server{closed_options};
    ASSERT_EQ(server.runs({"add", "alice@foo.com"}, "secret").status, is_done);
    for (const auto &[name, complaint] : std::vector<std::pair<std::string, std::string>>{
             {"alice@foo.com", "there is an account alice@foo.com already"},
             {"ALICE@foo.com", "there is an account alice@foo.com already"},
             {"bob", "may be of several hosts; name one, as in bob@foo.com"},
             {"bob@net.example", "is of a host that this session manager does not serve; it has foo.com, bar.org"},
             {"b b@foo.com", "cannot be the name of an account"},
             {"@foo.com", "cannot be the name of an account"},
             {"bob@", "is of a host that"}}) {
        const auto refused = server.runs({"add", name}, "another");
        EXPECT_EQ(refused.status, has_failed);
        EXPECT_THAT(refused.errors, HasSubstr(complaint));
    }
    EXPECT_EQ(server.runs({"add", "bob@foo.com"}).status, has_failed) << "without a password";
    EXPECT_THAT(server.runs({"add", "bob@foo.com"}, "\xe2\x84\xab").errors, HasSubstr("several ways"));
    EXPECT_THAT(server.status(), HasSubstr("accounts=1"));
    EXPECT_THAT(login(server, "secret"), HasSubstr("<success")) << "the password is what it was";
}

TEST(Accounts, AreAskedForRightly)
{
    Server server;
    for (const std::vector<std::string> &words : {std::vector<std::string>{},
                                                  {"dance"},
                                                  {"add"},
                                                  {"add", "a@foo.com", "b@foo.com"},
                                                  {"remove"},
                                                  {"list", "alice"},
                                                  {"import", "file.xml"}}) {
        const auto refused = server.runs(words, "secret");
        EXPECT_EQ(refused.status, is_misused);
        EXPECT_THAT(refused.errors, Not(IsEmpty()));
    }
}

TEST(Accounts, AreListed)
{
    Server server;
    for (const char *name : {"carol", "alice", "bob"})
        server.register_account(name);
    server.runs({"lock", "bob@foo.com"});
    const ConnectedClient alice = server.log_in("alice", "home");
    const std::string text = server.runs({"list"}).output;
    EXPECT_LT(text.find("alice@foo.com"), text.find("bob@foo.com"));
    EXPECT_LT(text.find("bob@foo.com"), text.find("carol@foo.com"));
    EXPECT_THAT(text, HasSubstr("\n3 accounts\n"));
    EXPECT_THAT(server.runs({"list", "--json"}).output,
                AllOf(HasSubstr("{\"address\":\"alice@foo.com\",\"locked\":false,\"sessions\":1,\"created\":"),
                      HasSubstr("{\"address\":\"bob@foo.com\",\"locked\":true,\"sessions\":0,\"created\":")));
}

TEST(Accounts, AreListedAllOfThem)
{
    Server server;
    std::string file = "<server-data xmlns='urn:xmpp:pie:0'><host jid='foo.com'>";
    constexpr int many = 250;
    for (int i = 0; i < many; ++i)
        file += "<user name='user" + std::to_string(i) + "' password='secret'/>";
    EXPECT_EQ(server.runs({"import"}, "", file + "</host></server-data>").output,
              "250 accounts are imported, 0 are not\n");
    EXPECT_EQ(std::ranges::count(server.runs({"list", "--json"}).output, '\n'), many);
    EXPECT_EQ(server.completes({"remove", "alice@foo.com", "user24"}),
              "user240@foo.com\nuser241@foo.com\nuser242@foo.com\nuser243@foo.com\nuser244@foo.com\nuser245@foo.com\n"
              "user246@foo.com\nuser247@foo.com\nuser248@foo.com\nuser249@foo.com\nuser24@foo.com\n");
    EXPECT_EQ(server.completes({"lock", "user24@foo.com"}), "user24@foo.com\n");
    EXPECT_EQ(server.completes({"un"}), "unlock\n");
    EXPECT_EQ(server.completes({"add", "user24"}), "") << "those are taken";
}

TEST(Accounts, EndAsByTheirOwner)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    ConnectedClient bob = server.log_in("bob", "home");
    for (ConnectedClient *one : {&alice, &bob})
        one->comes_online();
    befriend(alice, bob);
    EXPECT_EQ(server.runs({"remove", "bob@foo.com"}).output, "the account bob@foo.com is removed\n");
    std::string told;
    for (std::string next; (next = alice.gets()) != "(nothing)" && told.find("unsubscribed") == std::string::npos;)
        told += next;
    EXPECT_THAT(told, AllOf(HasSubstr("type='unsubscribed'"), HasSubstr("from='bob@foo.com'")));
    EXPECT_THAT(bob.gets_routed(), AllOf(HasSubstr("type='error'"), HasSubstr("510"), HasSubstr("not-authorized")));
    EXPECT_THAT(server.runs({"remove", "bob@foo.com"}).errors, HasSubstr("there is no account bob@foo.com"));
    EXPECT_EQ(server.runs({"remove", "bob@foo.com"}).status, has_failed);
}

TEST(Accounts, GetAnotherPasswordAndKeepTheirSessions)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    EXPECT_EQ(server.runs({"password", "alice@foo.com"}, "another").status, is_done);
    EXPECT_TRUE(alice.is_quiet()) << "the session goes on";
    EXPECT_THAT(login(server, "secret"), HasSubstr("<not-authorized"));
    EXPECT_THAT(login(server, "another"), HasSubstr("<success"));
    EXPECT_THAT(server.runs({"password", "nobody@foo.com"}, "another").errors, HasSubstr("there is no account"));
    EXPECT_THAT(server.status(), HasSubstr("accounts=1"));
}

TEST(LockedAccount, EndsItsSessionsAndLetsNoneBegin)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    EXPECT_EQ(server.runs({"lock", "alice@foo.com"}).output, "the account alice@foo.com is locked\n");
    EXPECT_THAT(alice.gets_routed(), AllOf(HasSubstr("510"), HasSubstr("The account was locked")));
    for (const char *mechanism : {"PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"}) {
        EXPECT_THAT(login(server, "secret", mechanism), HasSubstr("<account-disabled/>")) << mechanism;
        EXPECT_THAT(login(server, "wrong", mechanism), HasSubstr("<not-authorized/>"))
            << "who does not know the password learns nothing";
    }
    SaslLogin second;
    second.sasl2 = true;
    second.requests = "<bind xmlns='urn:xmpp:bind:0'/>";
    EXPECT_THAT((SaslClient{server, second}.logs_in()), HasSubstr("<account-disabled "));
    server.sends("<iq type='set' id='a' sto='foo.com' sfrom='9@c2s/9'><query xmlns='jabber:iq:auth'><username>alice"
                 "</username><password>secret</password><resource>r</resource></query></iq>");
    EXPECT_THAT(server.next("9@c2s/9"), AllOf(HasSubstr("type='error'"), HasSubstr("<forbidden")));
    server.restart();
    EXPECT_THAT(login(server, "secret"), HasSubstr("<account-disabled/>")) << "it stays locked";
}

TEST(LockedAccount, RefusesAResourceToWhoIsAuthenticatedAlready)
{
    Server server;
    server.register_account("alice");
    SaslClient client{server, {}};
    EXPECT_THAT(client.logs_in(), HasSubstr("<success"));
    server.runs({"lock", "alice@foo.com"});
    EXPECT_THAT(client.asks("set", "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"), HasSubstr("<forbidden"));
}

TEST(LockedAccount, KeepsWhatIsSentToItUntilItIsUnlocked)
{
    Server server;
    server.register_account("alice");
    ConnectedClient bob = server.log_in("bob", "home");
    server.runs({"lock", "alice@foo.com"});
    bob.sends("<message to='alice@foo.com' type='chat'><body>are you there?</body></message>");
    EXPECT_TRUE(bob.is_quiet());
    EXPECT_EQ(server.runs({"unlock", "alice@foo.com"}).output, "the account alice@foo.com is unlocked\n");
    ConnectedClient alice = server.log_in("alice", "home");
    alice.sends("<presence/>");
    std::string heard;
    for (std::string next; heard.find("are you there?") == std::string::npos && (next = alice.gets()) != "(nothing)";)
        heard += next;
    EXPECT_THAT(heard, HasSubstr("are you there?"));
}

TEST(Accounts, SayWhatIsWrongWithTheDatabase)
{
    Server server;
    server.register_account("alice");
    sqlite3 *other = nullptr;
    ASSERT_EQ(sqlite3_open(server.database().c_str(), &other), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    for (const std::vector<std::string> &words : {std::vector<std::string>{"lock", "alice@foo.com"},
                                                  {"password", "alice@foo.com"},
                                                  {"remove", "alice@foo.com"}}) {
        const auto refused = server.runs(words, "another");
        EXPECT_EQ(refused.status, has_failed);
        EXPECT_THAT(refused.errors, HasSubstr("locked by another process"));
    }
    sqlite3_close(other);
    EXPECT_THAT(login(server, "secret"), HasSubstr("<success"));
}

} // namespace
} // namespace jabberd::test
