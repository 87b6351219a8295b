// SPDX-License-Identifier: LGPL-2.1-or-later
// What a session manager may tell a client's connection, and when it is believed.
#include "session/client_says.h"

#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

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
        EXPECT_EQ(unknown.manager(packet), "not owner") << stranger;
        EXPECT_EQ(authenticated.manager(packet), "not owner") << stranger;
    }
    EXPECT_EQ(Talk{}.manager("<message sto='7@c2s/1'/>"), "not owner") << "no sfrom at all";
}

TEST(Reception, AStrangerCannotAcceptALoginEitherOrEndASession)
{
    Talk talk;
    talk.client("<iq type='set' id='1'><query xmlns='jabber:iq:auth'/></iq>");
    EXPECT_EQ(talk.manager("<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='alice@bar.com/r'/>"), "not owner");
    EXPECT_EQ(talk.manager("<message type='error' sto='7@c2s/1' sfrom='bar.com'><error code='510'/></message>"),
              "not owner");
    EXPECT_EQ(talk.manager("<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='alice@FOO.com/r'/>"),
              "logged in: <iq id='1' type='result'/>")
        << "host names have no case";
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
    for (const char *speaker : {"alice@foo.com", "alice@foo.com/other", "alice@foo.com/R", "bob@foo.com/r"}) {
        Talk talk;
        talk.log_in();
        EXPECT_EQ(
            talk.manager("<message sto='7@c2s/1' sfrom='" + std::string{speaker} + "'><error code='510'/></message>"),
            "<message><error code='510'/></message>")
            << speaker;
    }
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
