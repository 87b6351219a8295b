// SPDX-License-Identifier: LGPL-2.1-or-later
// What a session manager may tell a client's connection, and when it is believed.
#include "session/client_says.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using testing::HasSubstr;

TEST(Reception, TakesTheSessionAttributesAway)
{
    Talk talk;
    talk.log_in();
    EXPECT_EQ(talk.manager("<message to='alice@foo.com' from='bob@foo.com' sto='7@c2s/1' "
                           "sfrom='alice@foo.com'><body>hi</body></message>"),
              "<message to='alice@foo.com' from='bob@foo.com'><body>hi</body></message>");
    EXPECT_EQ(talk.manager("<iq type='result' id='x' sto='7@c2s/1' sfrom='alice@foo.com/r'/>"),
              "<iq id='x' type='result'/>");
}

TEST(Reception, IsForItsOwnSessionManagerOnly)
{
    for (const char *stranger :
         {"", "bar.com", "alice@bar.com/r", "foo.com.evil", "evil.foo.com", "alice/foo.com", "@", "foo.com@bar.com"}) {
        Talk unknown, authenticated;
        authenticated.log_in();
        const std::string packet = "<message sto='7@c2s/1' sfrom='" + std::string{stranger} + "'><body/></message>";
        EXPECT_EQ(unknown.manager(packet), "other session") << stranger;
        EXPECT_EQ(authenticated.manager(packet), "other session") << stranger;
    }
    EXPECT_EQ(Talk{}.manager("<message sto='7@c2s/1'/>"), "other session") << "no sfrom at all";
}

TEST(Reception, AStrangerCannotAcceptALoginEitherOrEndASession)
{
    Talk talk;
    talk.client("<iq type='set' id='1'><query xmlns='jabber:iq:auth'/></iq>");
    EXPECT_EQ(talk.manager("<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='alice@bar.com/r'/>"), "other session");
    EXPECT_EQ(talk.manager("<message type='error' sto='7@c2s/1' sfrom='bar.com'><error code='510'/></message>"),
              "other session");
    EXPECT_EQ(talk.manager("<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='alice@FOO.com/r'/>"),
              "logged in: <iq id='1' type='result'/>")
        << "host names have no case";
}

TEST(Reception, OneOfSeveralSessionManagersOfAHostIsKnownByItsOwnNameFromItsFirstAnswerOn)
{
    Talk talk;
    talk.client("<iq type='get' id='1'><query xmlns='jabber:iq:auth'/></iq>");
    EXPECT_EQ(talk.manager("<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='sm1.foo.com'/>"),
              "<iq id='1' type='result'/>");
    EXPECT_THAT(talk.client("<iq type='set' id='2'><query xmlns='jabber:iq:auth'/></iq>"),
                HasSubstr("sto='sm1.foo.com'"));
    for (const char *other : {"alice@sm2.foo.com/r", "alice@foo.com/r", "sm1.foo.com.evil", "a.sm1.foo.com"})
        EXPECT_EQ(talk.manager("<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='" + std::string{other} + "'/>"),
                  "other session")
            << other;
    EXPECT_EQ(talk.manager("<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='alice@SM1.foo.com/r'/>"),
              "logged in: <iq id='2' type='result'/>");
    EXPECT_THAT(talk.client("<presence/>"), HasSubstr("sto='alice@SM1.foo.com/r'"));
    EXPECT_EQ(talk.manager("<message type='error' sto='7@c2s/1' sfrom='foo.com'><error code='510'/></message>"),
              "other session");
    EXPECT_EQ(talk.manager("<message type='error' sto='7@c2s/1' sfrom='sm1.foo.com'><error code='510'/></message>"),
              "disconnected");
}

TEST(Reception, AnOwnNameIsBelowThatOfTheHost)
{
    for (const char *stranger :
         {"bar.com", "sm1.bar.com", "evilfoo.com", ".foo.com", "com", "a.sm1.foo.com", "sm1foo.com"}) {
        Talk talk;
        talk.client("<iq type='set' id='1'><query xmlns='jabber:iq:auth'/></iq>");
        EXPECT_EQ(talk.manager("<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='alice@" + std::string{stranger} +
                               "/r'/>"),
                  "other session")
            << stranger;
    }
}

TEST(Reception, A510OfTheSessionEndsIt)
{
    for (const char *speaker : {"alice@foo.com/r", "foo.com", "FOO.COM", "foo.com/anything"}) {
        Talk talk;
        talk.log_in();
        EXPECT_EQ(talk.manager("<message type='error' sto='7@c2s/1' sfrom='" + std::string{speaker} +
                               "'><error code='510'>Disconnected</error></message>"),
                  "disconnected")
            << speaker;
    }
}

TEST(Reception, A510BeforeLoginEndsTheStream)
{
    EXPECT_EQ(
        Talk{}.manager(
            "<iq type='error' sto='7@c2s/1' sfrom='foo.com'><error code='510'>Server Configuration Error</error></iq>"),
        "disconnected");
}

TEST(Reception, A510ThatIsOnlyPassedOnEndsNothing)
{
    // What other people wrote comes from the user's bare address.
    Talk talk;
    talk.log_in();
    EXPECT_EQ(talk.manager("<message sto='7@c2s/1' sfrom='alice@foo.com'><error code='510'/></message>"),
              "<message><error code='510'/></message>");
}

// Sessions on another server outlive the process that had their sockets.
TEST(Reception, IsForItsOwnSessionOnly)
{
    for (const char *other : {"alice@foo.com/other", "alice@foo.com/R", "alice@foo.com/", "alice@foo.com/r/r",
                              "bob@foo.com/r", "bob@foo.com", "al@foo.com", "alicee@foo.com/r"}) {
        for (const char *packet :
             {"<message sto='7@c2s/1' sfrom='{}'><body>x</body></message>",
              "<message type='error' sto='7@c2s/1' sfrom='{}'><error code='510'/></message>",
              "<presence sto='7@c2s/1' sfrom='{}'/>", "<iq type='result' id='x' sto='7@c2s/1' sfrom='{}'/>"}) {
            std::string text{packet};
            text.replace(text.find("{}"), 2, other);
            Talk unknown, bound;
            bound.log_in();
            EXPECT_EQ(unknown.manager(text), "other session") << text;
            EXPECT_EQ(bound.manager(text), "other session") << text;
        }
    }
}

TEST(Reception, KnowsItsSessionInAnyCaseButThatOfTheResource)
{
    for (const char *own : {"alice@foo.com", "Alice@FOO.com", "ALICE@foo.com/r", "foo.com", "FOO.com"}) {
        Talk talk;
        talk.log_in();
        EXPECT_EQ(talk.manager("<presence sto='7@c2s/1' sfrom='" + std::string{own} + "'/>"), "<presence/>") << own;
    }
}

TEST(Reception, BeforeLoginOnlyTheHostAndWhoKnowsTheNonceSpeak)
{
    Talk talk;
    EXPECT_EQ(talk.manager("<message sto='7@c2s/1' sfrom='foo.com'><body/></message>"), "ignored");
    talk.client("<iq type='set' id='1'><query xmlns='jabber:iq:auth'/></iq>");
    EXPECT_EQ(talk.manager("<iq type='result' id='guessed' sto='7@c2s/1' sfrom='alice@foo.com/r'/>"), "other session");
    EXPECT_EQ(talk.manager("<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='alice@foo.com/r'/>"),
              "logged in: <iq id='1' type='result'/>");
}

TEST(Reception, LeavesOutTheOwnAddressOnAnswersOnly)
{
    const auto received = [](const std::string &start, const std::string &from) {
        Talk talk;
        talk.log_in();
        return talk.manager("<" + start + " from='" + from + "' sto='7@c2s/1' sfrom='alice@foo.com'/>");
    };
    for (const char *own : {"alice@foo.com/r", "alice@foo.com", "Alice@Foo.com/r", "ALICE@foo.com"}) {
        EXPECT_EQ(received("iq type='result' id='1'", own), "<iq id='1' type='result'/>") << own;
        EXPECT_EQ(received("iq type='error' id='1'", own), "<iq id='1' type='error'/>") << own;
        const std::string kept = " from='" + std::string{own} + "'";
        EXPECT_EQ(received("iq type='get' id='1'", own), "<iq" + kept + " id='1' type='get'/>") << own;
        EXPECT_EQ(received("iq type='set' id='1'", own), "<iq" + kept + " id='1' type='set'/>") << own;
        EXPECT_EQ(received("message", own), "<message" + kept + "/>") << own;
        EXPECT_EQ(received("presence", own), "<presence" + kept + "/>") << own;
    }
    for (const char *other : {"alice@foo.com/R", "alice@foo.com/other", "bob@foo.com/r", "foo.com", "alice@bar.com/r"})
        EXPECT_EQ(received("iq type='result' id='1'", other),
                  "<iq from='" + std::string{other} + "' id='1' type='result'/>")
            << other;
}

TEST(Reception, KeepsTheOwnAddressOnTheAnswerOfAClientToItself)
{
    Talk talk;
    talk.log_in();
    talk.client("<iq type='get' id='self' to='alice@foo.com/r'><ping xmlns='urn:xmpp:ping'/></iq>");
    talk.client("<iq type='get' id='account' to='alice@foo.com'><ping xmlns='urn:xmpp:ping'/></iq>");
    const std::string answer = "' from='alice@foo.com/r' sto='7@c2s/1' sfrom='alice@foo.com'/>";
    EXPECT_EQ(talk.manager("<iq type='result' id='account" + answer), "<iq id='account' type='result'/>");
    EXPECT_EQ(talk.manager("<iq type='result' id='self" + answer),
              "<iq from='alice@foo.com/r' id='self' type='result'/>");
    EXPECT_EQ(talk.manager("<iq type='result' id='self" + answer), "<iq id='self' type='result'/>")
        << "it was answered";
}

TEST(Reception, WhereTheSessionIdIsABareAddressWhatIsPassedOnIsToldByItsFrom)
{
    // The README's "123abc@foo.com": the id of the session, and the address that other people's stanzas come from.
    Talk talk;
    talk.client("<iq type='set' id='1'><query xmlns='jabber:iq:auth'/></iq>");
    talk.manager("<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='123abc@foo.com'/>");
    EXPECT_EQ(
        talk.manager("<message from='eve@bar.com' sto='7@c2s/1' sfrom='123abc@foo.com'><error code='510'/></message>"),
        "<message from='eve@bar.com'><error code='510'/></message>");
    EXPECT_EQ(talk.manager("<message type='error' sto='7@c2s/1' sfrom='123abc@foo.com'><error "
                           "code='510'>Disconnected</error></message>"),
              "disconnected");
}

TEST(Reception, ALaterSfromIsNotAdopted)
{
    Talk talk;
    talk.log_in();
    talk.manager("<message sto='7@c2s/1' sfrom='bob@foo.com/other'/>");
    talk.manager("<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='bob@foo.com/other'/>");
    EXPECT_EQ(talk.client("<presence/>"), "<presence sto='alice@foo.com/r' sfrom='7@c2s/1'/>");
}

TEST(Reception, ASessionIdIsKeptVerbatim)
{
    Talk talk;
    talk.client("<iq type='set'><query xmlns='jabber:iq:auth'/></iq>");
    talk.manager("<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='al&amp;ice@foo.com/r &quot;/:&apos;&lt;'/>");
    EXPECT_EQ(talk.session.sto(), "al&ice@foo.com/r \"/:'<");
    EXPECT_EQ(talk.client("<presence/>"), "<presence sto='al&amp;ice@foo.com/r &quot;/:&apos;&lt;' sfrom='7@c2s/1'/>");
}

} // namespace
} // namespace jabberd::test
