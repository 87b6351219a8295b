// SPDX-License-Identifier: LGPL-2.1-or-later
// Which names and passwords an account may have (RFC 8264, RFC 8265), and what became of those from before.
#include "session_manager/accounts/naming.h"
#include "session_manager/base/jid.h"
#include "session_manager/storage/storage.h"
#include "support/sasl_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using session_manager::new_account_name;
using session_manager::new_password;
using ::testing::HasSubstr;

TEST(Names, OfAnAccountAreLettersAndDigitsOfAnyScript)
{
    for (const char *name :
         {"alice", "al.ice-2_x!", "müller", "алиса", "愛麗絲", "אליס", "علي", "ალისა", "paral·lel", "ऋषि", "アリス"})
        EXPECT_TRUE(new_account_name(name)) << name;
}

TEST(Names, OfAnAccountHoldNothingElse)
{
    for (const char *name : {"",
                             "a b",
                             "a@b",
                             "a/b",
                             "a'b",
                             "a\"b",
                             "a&b",
                             "a<b",
                             "a:b",
                             "😀",
                             "bob😀",
                             "₹500",
                             "€",
                             "a·b",
                             "½",
                             "ª",
                             "ﬁsh",
                             "ℂ",
                             "Ⅷ",
                             "·",
                             "a\u00A0b",
                             "a\u3000b",
                             "x\u0378" /* unassigned */,
                             "\uE000" /* private */,
                             "𐲀𐲁" /* newer than Unicode 3.2: no SCRAM */,
                             "a\xFF" /* no UTF-8 */,
                             "\u0640a",
                             "\u1100"})
        EXPECT_FALSE(new_account_name(name)) << name;
}

// A second account that looks like the first.
TEST(Names, ThatHoldWhatCannotBeSeenAreNoNewAccounts)
{
    for (const char *invisible :
         {"\U000E0100", "\u2066", "\u2069", "\u202E", "\u200B", "\u200C", "\u200D", "\u2060", "\uFE0F", "\u00AD",
          "\u034F", "\u180E", "\u061C", "\uFEFF", "\U000E0061", "\u115F", "\u3164", "\uFFA0", "\u17B4"}) {
        EXPECT_FALSE(new_account_name(std::string{"alice"} + invisible)) << invisible;
        EXPECT_FALSE(new_account_name(std::string{"al"} + invisible + "ice")) << invisible;
    }
}

TEST(Names, ThatReadInTwoDirectionsAreNoNewAccounts)
{
    for (const char *name : {"aא", "אa", "א1a", "١אa", "1א"})
        EXPECT_FALSE(new_account_name(name)) << name;
}

TEST(Names, DigitsOfOneKindDoNotMix)
{
    EXPECT_FALSE(new_account_name("ب\u0661\u06F1ب"));
}

TEST(Names, AreOneHoweverTheyAreSpelled)
{
    const std::pair<const char *, const char *> spellings[] = {
        {"Alice", "alice"},    {"ＡＬＩＣＥ", "alice"}, {"MÜLLER", "mu\u0308ller"},
        {"STRASSE", "straße"}, {"ｱﾘｽ", "アリス"},       {"ΣΊΣΥΦΟΣ", "σίσυφος"},
        {"Გ", "გ"},          {"𐲀", "𐳀"},        {"\u1E9B\u0323", "\u1E9B\u0323"},
        {"Ꭰ", "ꭰ"},          {"𞤀", "𞤢"}};
    for (const auto &[one, other] : spellings)
        EXPECT_EQ(session_manager::prepare_user(one), session_manager::prepare_user(other)) << one << " and " << other;
}

TEST(Names, FromBeforeStillNameTheirAccounts)
{
    for (const char *name : {"😀", "bob😀", "₹500"})
        EXPECT_EQ(session_manager::prepare_user(name), name);
    // It cannot be told from alice.
    for (const char *name : {"alice\U000E0100", "alice\u2066", "alice\u0378", "\U000E0061lice"})
        EXPECT_FALSE(session_manager::prepare_user(name)) << name;
    EXPECT_EQ(session_manager::prepare_user("ﬁsh"), "fish");
    EXPECT_EQ(session_manager::prepare_user("a\u00ADlice"), "alice");
}

TEST(Names, OfPasswordsAreWhatEveryClientMakesOfThem)
{
    for (const char *password :
         {"secret", "two words", "пароль", "₹500", "emoji😀", "héllo", "密码", "€uro", "~!@#$%^&*()"})
        EXPECT_EQ(new_password(password), password);
    for (const char *password : {"", "½", "ª", "ﬁsh", "e\u0301", "a\u00A0b", "soft\u00ADhyphen", "zero\u200Bwidth",
                                 "heart\u2764\uFE0F", "\U0001F130", "x\u0378", "a\u2066", "אa", "\uE000"})
        EXPECT_FALSE(new_password(password)) << password;
}

// An account as the versions before made it: its name and its password were prepared by Unicode 3.2.
void add_old_account(const Server &server, const std::string &address, const std::string &password)
{
    session_manager::Storage storage{server.database().string()};
    storage.accounts.create(address, session_manager::make_credentials(password, 4096, false));
    storage.database.execute("DROP TABLE blocked; PRAGMA user_version=2");
}

std::string logs_in(Server &server, const std::string &user, const std::string &password, const std::string &mechanism)
{
    SaslLogin login;
    login.mechanism = mechanism;
    login.user = user;
    login.password = password;
    login.prepares = false;
    SaslClient client{server, login};
    client.logs_in();
    return client.authenticated_as();
}

TEST(Names, AndPasswordsOfAccountsFromBeforeStillLogIn)
{
    Server server;
    server.stop();
    add_old_account(server, "Გina@foo.com", "a b");     // its form of today is another one
    add_old_account(server, "€uro@foo.com", "a b");       // given as a\u00A0b
    add_old_account(server, "strasse@foo.com", "\u03BC"); // given as straße and µ
    add_old_account(server, "Გio😀@foo.com", "a b");  // the capital was no letter of Unicode 3.2
    server.restart();
    for (const char *mechanism : {"PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"}) {
        EXPECT_EQ(logs_in(server, "€uro", "a b", mechanism), "€uro@foo.com") << mechanism;
        EXPECT_EQ(logs_in(server, "straße", "\u03BC", mechanism), "strasse@foo.com") << mechanism;
    }
    // What is not hashed by the client is prepared here.
    EXPECT_EQ(logs_in(server, "€uro", "a\u00A0b", "PLAIN"), "€uro@foo.com");
    EXPECT_EQ(logs_in(server, "Straße", "\u00B5", "PLAIN"), "strasse@foo.com");
    // libgsasl's SCRAM has never let such a name in.
    EXPECT_EQ(logs_in(server, "Გio😀", "a b", "PLAIN"), "Გio😀@foo.com");
    EXPECT_EQ(logs_in(server, "Გina", "a b", "PLAIN"), "გina@foo.com");
}

TEST(Names, OfContactsFromBeforeAreTheirsOfToday)
{
    Server server;
    server.register_account("alice");
    server.stop();
    {
        session_manager::Storage storage{server.database().string()};
        session_manager::RosterItem item;
        item.contact = "Გio@example.org";
        item.listed = true;
        storage.rosters.save("alice@foo.com", item);
        storage.database.execute("DROP TABLE blocked; PRAGMA user_version=2");
    }
    server.restart();
    ConnectedClient alice = server.log_in("alice", "home");
    alice.sends("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
    EXPECT_THAT(alice.gets(), HasSubstr("jid='გio@example.org'"));
}

} // namespace
} // namespace jabberd::test
