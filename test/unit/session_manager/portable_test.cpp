// SPDX-License-Identifier: LGPL-2.1-or-later
// Accounts that leave for another server, and come from one (XEP-0227).
#include "session_manager/portable/file_reader.h"
#include "session_manager/portable/writer.h"
#include "support/sasl_client.h"
#include "support/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using namespace std::string_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view digest_options =
    "<register>yes</register><registrations per-hour='0'/><iterations>4096</iterations><digest>yes</digest>";

std::string in_host(const std::string &users, const std::string &host = "foo.com")
{
    return "<?xml version='1.0'?>\n<server-data xmlns='urn:xmpp:pie:0'>\n<host jid='" + host + "'>\n" + users +
           "\n</host>\n</server-data>\n";
}

// An account with something of each kind.
void furnish(Server &server)
{
    ConnectedClient alice = server.log_in("alice", "home");
    ConnectedClient bob = server.log_in("bob", "home");
    for (ConnectedClient *one : {&alice, &bob})
        one->comes_online();
    befriend(alice, bob);
    for (const char *iq :
         {"<query xmlns='jabber:iq:roster'><item jid='bob@foo.com' name='B &amp; &quot;C&quot;'><group>a&lt;b</group>"
          "<group>Ärzte</group></item></query>",
          "<vCard xmlns='vcard-temp'><FN>Alice</FN></vCard>",
          "<query xmlns='jabber:iq:private'><x:prefs xmlns:x='exodus:prefs' x:a='1'><y xmlns=''/></x:prefs></query>",
          "<block xmlns='urn:xmpp:blocking'><item jid='spam.net'/><item jid='eve@foo.com/r'/></block>"}) {
        alice.sends("<iq type='set' id='1'>" + std::string{iq} + "</iq>");
        EXPECT_THAT(alice.gets(), HasSubstr("type='result'")) << iq;
    }
    alice.disconnects();
    server.log_in("carol", "home")
        .sends("<presence type='subscribe' to='alice@foo.com'><status>please</status></presence>");
    bob.sends("<message to='alice@foo.com' type='chat' id='m1' xml:lang='de'><body>a &lt; b\n</body><x "
              "xmlns='urn:x'><y/></x></message>");
    server.status();
}

TEST(Portable, AccountsAreTheSameOnAnotherServer)
{
    Server one;
    furnish(one);
    one.runs({"lock", "bob@foo.com"});
    const auto exported = one.runs({"export"});
    ASSERT_EQ(exported.status, JABBERD_COMMAND_DONE) << exported.errors;
    EXPECT_THAT(exported.output,
                AllOf(HasSubstr("<scram-credentials xmlns='urn:xmpp:pie:0#scram' mechanism='SCRAM-SHA-256'><iter-count>"
                                "4096</iter-count>"),
                      HasSubstr("<FN>Alice</FN>"), HasSubstr("<item jid='spam.net'/>"), HasSubstr("exodus:prefs"),
                      HasSubstr("xml:lang='de'"), HasSubstr("a &lt; b"),
                      HasSubstr("type='subscribe'><status>please</status>"),
                      HasSubstr("<item jid='bob@foo.com' name='B &amp; &quot;C&quot;' subscription='both'>"),
                      HasSubstr("<group>Ärzte</group>")));

    Server other{"<register>no</register><iterations>5000</iterations>"};
    const auto imported = other.runs({"import"}, "", exported.output);
    EXPECT_EQ(imported.errors, "");
    EXPECT_EQ(imported.output, "3 accounts are imported, 0 are not\n");
    EXPECT_EQ(other.runs({"export"}).output, exported.output);
    EXPECT_THAT((SaslClient{other, {}}.logs_in()), HasSubstr("<success"));
    EXPECT_THAT(other.runs({"list", "--json"}).output, HasSubstr("\"bob@foo.com\",\"locked\":true"));

    const auto again = other.runs({"import"}, "", exported.output);
    EXPECT_EQ(again.status, JABBERD_COMMAND_FAILED);
    EXPECT_THAT(again.errors, AllOf(HasSubstr("line 4: there is an account alice@foo.com already"),
                                    HasSubstr("there is an account bob@foo.com already")));
    EXPECT_EQ(other.runs({"export"}).output, exported.output);
}

TEST(Portable, SomeAccountsAreExported)
{
    Server server;
    for (const char *name : {"alice", "bob", "carol"})
        server.register_account(name);
    const auto some = server.runs({"export", "carol@foo.com", "alice@foo.com", "dave@foo.com", "carol@foo.com"});
    EXPECT_EQ(some.status, JABBERD_COMMAND_FAILED);
    EXPECT_EQ(some.errors, "there is no account dave@foo.com\n");
    EXPECT_THAT(some.output, AllOf(HasSubstr("name='alice'"), HasSubstr("name='carol'"), Not(HasSubstr("name='bob'"))));
    EXPECT_EQ(some.output.find("<host "), some.output.rfind("<host "));
    Server other;
    EXPECT_EQ(other.runs({"import"}, "", some.output).output, "2 accounts are imported, 0 are not\n");
}

TEST(Portable, APasswordLeavesInNoForm)
{
    Server server{digest_options};
    server.register_account("alice", "pass1word");
    EXPECT_THAT(server.runs({"export"}).output, Not(HasSubstr("pass1word")));
}

TEST(Portable, APasswordThatComesInTheClearIsHashed)
{
    Server server{"<register>no</register><iterations>4096</iterations>"};
    EXPECT_EQ(server.runs({"import"}, "", in_host("<user name='Alice' password='secret'/>")).output,
              "1 account is imported, 0 are not\n");
    EXPECT_THAT((SaslClient{server, {}}.logs_in()), HasSubstr("<success"));
}

TEST(Portable, WhatIsLeftOutIsSaid)
{
    Server server;
    const auto imported =
        server.runs({"import"}, "",
                    in_host("<user name='alice' password='secret'>\n"
                            "<query xmlns='jabber:iq:roster'><item jid='bob@foo.com' subscription='maybe'/>\n"
                            "<item jid='' subscription='both'/><item jid='alice@foo.com'/><item jid='carol@foo.com' "
                            "subscription='to' ask='subscribe'/></query>\n"
                            "<query xmlns='jabber:iq:private'><x xmlns='jabber:iq:roster'/><y xmlns='urn:y'/></query>\n"
                            "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'/>\n"
                            "<presence xmlns='jabber:client' type='subscribed' from='x@y'/>\n"
                            "<offline-messages><iq xmlns='jabber:client'/></offline-messages>\n"
                            "<include xmlns='http://www.w3.org/2001/XInclude' href='/etc/passwd'/></user><room/>"));
    EXPECT_EQ(imported.output, "1 account is imported, 0 are not\n");
    EXPECT_THAT(imported.errors,
                AllOf(HasSubstr("line 5: alice@foo.com: 'maybe' is no subscription, ignoring\n"),
                      HasSubstr("line 6: alice@foo.com: '' cannot be a contact"),
                      HasSubstr("line 6: alice@foo.com: 'alice@foo.com' cannot be a contact"),
                      HasSubstr("line 7: alice@foo.com: <x xmlns='jabber:iq:roster'> is no private XML"),
                      HasSubstr("line 8: alice@foo.com: <pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>"),
                      HasSubstr("line 9: "), HasSubstr("line 10: "), HasSubstr("line 11: "), HasSubstr("<room>")));
    EXPECT_THAT(server.runs({"export"}).output,
                AllOf(HasSubstr("<item jid='carol@foo.com' subscription='to'/>"), HasSubstr("<y xmlns='urn:y'/>")));
}

TEST(Portable, WhatIsNoAccountHereIsNotImported)
{
    const std::string scram = "<scram-credentials xmlns='urn:xmpp:pie:0#scram' mechanism='";
    const std::string rest = "'><iter-count>4096</iter-count><salt>AA==</salt><server-key>AAAAAAAAAAAAAAAAAAAAAAAAAAA="
                             "</server-key><stored-key>AAAAAAAAAAAAAAAAAAAAAAAAAAA=</stored-key></scram-credentials>";
    for (const auto &[file, complaint] : std::vector<std::pair<std::string, std::string>>{
             {in_host("<user name='alice'/>"), "line 4: alice@foo.com has no credentials that are usable here"},
             {in_host("<user name='a b' password='x'/>"), "line 4: 'a b' cannot be the name of an account"},
             {in_host("<user password='x'/>"), "line 4: '' cannot be the name"},
             {in_host("<user name='alice' password=''/>"), "has a password that is empty"},
             {in_host("<user name='alice' password='x'/>", "net.example"),
              "line 4: accounts of 'net.example' are not kept here"},
             {in_host("<user name='alice'>" + scram + "SCRAM-SHA-1" + rest + "</user>"), "has no credentials"},
             {in_host("<user name='alice'>" + scram + "SCRAM-SHA-256" + rest + "</user>"), "are damaged"},
             {in_host("<user name='alice'>" + scram + "MD5" + rest + "</user>"), "the mechanism 'MD5' is none of"},
             {"", "not well-formed"},
             {"<server-data xmlns='urn:xmpp:pie:0'><host jid='foo.com'><user", "not well-formed"},
             {"<s>", "not well-formed"},
             {"\xff\xfe<\0s\0"s, "line 1: only UTF-8 is read"},
             {"\0\0\0<\0\0\0s"s, "line 1: only UTF-8 is read"},
             {"<?xml version='1.0' encoding='ISO-8859-1'?><server-data xmlns='urn:xmpp:pie:0'/>", "only UTF-8 is read"},
             {"<?xml version='1.0' encoding='UTF-16'?><server-data xmlns='urn:xmpp:pie:0'/>", "line 1: "},
             {"<server-data/>", "line 1: this is no file of XEP-0227"},
             {"<stream:stream xmlns:stream='x'/>", "this is no file of XEP-0227"},
             {"<!DOCTYPE a [<!ENTITY e SYSTEM '/etc/passwd'><!ENTITY % p SYSTEM '/dev/zero'>%p;]>" +
                  in_host("<user name='alice' password='&e;'/>").substr(22),
              "a DOCTYPE is not taken"},
             {in_host("<user name='alice' password='x'><query xmlns='jabber:iq:private'><c:d/></query></user>"),
              "line 4: this is not well-formed XML: a prefix is not declared"},
             {in_host("<user name='alice' password='&e;'/>"), "not well-formed"}}) {
        Server server;
        const auto refused = server.runs({"import"}, "", file);
        EXPECT_EQ(refused.status, JABBERD_COMMAND_FAILED) << file;
        EXPECT_THAT(refused.errors, HasSubstr(complaint)) << file;
        EXPECT_THAT(server.status(), HasSubstr("accounts=0")) << file;
    }
}

TEST(Portable, WhatCameBeforeAMistakeStays)
{
    Server server;
    const auto half =
        server.runs({"import"}, "", in_host("<user name='alice' password='x'/><user name='bob' password='y'></oops>"));
    EXPECT_EQ(half.status, JABBERD_COMMAND_FAILED);
    EXPECT_THAT(half.errors, HasSubstr("line 4: this is not well-formed XML"));
    EXPECT_EQ(half.output, "1 account is imported, 0 are not\n");
}

TEST(Portable, ADeepFileIsRefused)
{
    Server server;
    std::string deep;
    for (int i = 0; i < 300; ++i)
        deep += "<x>";
    EXPECT_THAT(server.runs({"import"}, "", in_host("<user name='alice' password='x'>" + deep)).errors,
                HasSubstr("nested more than"));
}

} // namespace
} // namespace jabberd::test
