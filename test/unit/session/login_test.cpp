// SPDX-License-Identifier: LGPL-2.1-or-later
// Who is logged in by what, and by nothing else.
#include "session/client_says.h"

#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

constexpr const char *auth_set = "<iq type='set' id='a1'><query xmlns='jabber:iq:auth'/></iq>";
constexpr const char *auth_get = "<iq type='get' id='a1'><query xmlns='jabber:iq:auth'/></iq>";
constexpr const char *reg_set = "<iq type='set' id='a1'><query xmlns='jabber:iq:register'/></iq>";
constexpr const char *accepted = "<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='alice@foo.com/r'/>";
constexpr const char *refused = "<iq type='error' id='{nonce}' sto='7@c2s/1' sfrom='foo.com'><error code='401'/></iq>";

TEST(Login, IsTheResultOfTheAuthSet)
{
    Talk talk;
    EXPECT_EQ(talk.session.sto(), "foo.com");
    talk.client(auth_set);
    EXPECT_EQ(talk.manager(accepted), "logged in: <iq id='a1' type='result'/>");
    EXPECT_TRUE(talk.session.authenticated());
    EXPECT_EQ(talk.session.sto(), "alice@foo.com/r");
}

TEST(Login, TravelsUnderAPrivateNonce)
{
    Talk first, second;
    first.client(auth_set);
    second.client(auth_set);
    EXPECT_EQ(first.nonce.size(), 32u);
    EXPECT_NE(first.nonce, second.nonce);
    EXPECT_NE(first.nonce, "a1");
}

TEST(Login, GivesBackTheClientsIdOrNone)
{
    Talk without, empty, hostile;
    without.client("<iq type='set'><query xmlns='jabber:iq:auth'/></iq>");
    EXPECT_EQ(without.manager(accepted), "logged in: <iq type='result'/>");
    empty.client("<iq type='set' id=''><query xmlns='jabber:iq:auth'/></iq>");
    EXPECT_EQ(empty.manager(accepted), "logged in: <iq id='' type='result'/>");
    hostile.client("<iq type='set' id=\"&lt;'&amp;\"><query xmlns='jabber:iq:auth'/></iq>");
    EXPECT_EQ(hostile.manager(accepted), "logged in: <iq id='&lt;&apos;&amp;' type='result'/>");
}

TEST(Login, IsNoResultOfAGetOrARegistration)
{
    for (const char *question :
         {auth_get, reg_set, "<iq type='get' id='a1'><query xmlns='jabber:iq:register'/></iq>"}) {
        Talk talk;
        talk.client(question);
        EXPECT_EQ(talk.manager(accepted), "<iq id='a1' type='result'/>") << question;
        EXPECT_FALSE(talk.session.authenticated()) << question;
    }
}

TEST(Login, IsNoAnswerThatNobodyAskedFor)
{
    for (const char *packet : {accepted, "<iq type='result' id='a1' sto='7@c2s/1' sfrom='alice@foo.com/r'/>",
                               "<iq type='result' sto='7@c2s/1' sfrom='alice@foo.com/r'/>",
                               "<iq type='result' id='' sto='7@c2s/1' sfrom='alice@foo.com/r'/>"}) {
        Talk talk;
        talk.manager(packet);
        EXPECT_FALSE(talk.session.authenticated()) << packet;
    }
}

TEST(Login, ConfusionOfJabberd1DoesNotLogIn)
{
    // A failed set, then a get or a registration with the same id, whose result was taken for the login.
    for (const char *question : {auth_get, reg_set}) {
        Talk talk;
        talk.client(auth_set);
        EXPECT_EQ(talk.manager(refused), "login failed: <iq id='a1' type='error'><error code='401'/></iq>");
        talk.client(question);
        EXPECT_EQ(talk.manager(accepted), "<iq id='a1' type='result'/>");
        EXPECT_FALSE(talk.session.authenticated()) << question;
    }
}

TEST(Login, PipelinedWithAGetIsNotConfusedWithIt)
{
    Talk talk;
    talk.client(auth_get);
    const std::string get = talk.nonce;
    talk.client(auth_set);
    const std::string set = talk.nonce;
    talk.nonce = get;
    EXPECT_EQ(talk.manager(accepted), "<iq id='a1' type='result'/>");
    EXPECT_FALSE(talk.session.authenticated());
    talk.nonce = set;
    EXPECT_EQ(talk.manager(accepted), "logged in: <iq id='a1' type='result'/>");
}

TEST(Login, IsAnsweredOnce)
{
    Talk talk;
    talk.client(auth_set);
    talk.manager(refused);
    talk.manager(accepted);
    EXPECT_FALSE(talk.session.authenticated()) << "the answer had come";
    talk.client(auth_set);
    talk.manager(accepted);
    talk.manager("<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='mallory@foo.com/r'/>");
    EXPECT_EQ(talk.session.sto(), "alice@foo.com/r") << "a session id is for life";
}

TEST(Login, IsAnIqOfTypeResult)
{
    for (const char *packet : {"<message type='result' id='{nonce}' sto='7@c2s/1' sfrom='alice@foo.com/r'/>",
                               "<iq type='set' id='{nonce}' sto='7@c2s/1' sfrom='alice@foo.com/r'/>",
                               "<iq id='{nonce}' sto='7@c2s/1' sfrom='alice@foo.com/r'/>",
                               "<presence type='result' id='{nonce}' sto='7@c2s/1' sfrom='alice@foo.com/r'/>"}) {
        Talk talk;
        talk.client(auth_set);
        talk.manager(packet);
        EXPECT_FALSE(talk.session.authenticated()) << packet;
    }
}

TEST(Login, WithoutAUserIsImpossible)
{
    for (const char *nobody : {"foo.com", "foo.com/r", "@foo.com/r"}) {
        Talk talk;
        talk.client(auth_set);
        EXPECT_EQ(talk.manager("<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='" + std::string{nobody} + "'/>"),
                  "impossible")
            << nobody;
        EXPECT_FALSE(talk.session.authenticated()) << nobody;
    }
}

TEST(Login, FailedIsCountedAndMayBeTriedAgain)
{
    Talk talk;
    for (unsigned attempt = 1; attempt <= 3; ++attempt) {
        talk.client(auth_set);
        talk.manager(refused);
        EXPECT_EQ(talk.session.failed_logins(), attempt);
    }
    talk.client(auth_get);
    talk.manager(refused);
    talk.client(reg_set);
    talk.manager(refused);
    EXPECT_EQ(talk.session.failed_logins(), 3u) << "only a login can fail";
    talk.client(auth_set);
    EXPECT_EQ(talk.manager(accepted), "logged in: <iq id='a1' type='result'/>");
}

TEST(Login, IsOneAtATime)
{
    Talk talk;
    talk.client(auth_set);
    EXPECT_EQ(talk.client(auth_set), "policy-violation");
}

// Whoever reads the client waits until then, so what is above does not happen.
TEST(Login, NothingIsReadBehindItUntilItIsAnswered)
{
    Talk talk;
    talk.client(auth_get);
    EXPECT_FALSE(talk.session.waiting()) << "a question";
    talk.client(auth_set);
    EXPECT_TRUE(talk.session.waiting());
    talk.manager(refused);
    EXPECT_FALSE(talk.session.waiting());
    talk.client(auth_set);
    EXPECT_TRUE(talk.session.waiting());
    talk.manager(accepted);
    EXPECT_FALSE(talk.session.waiting());
}

TEST(Login, QuestionsAreEightAtATime)
{
    Talk talk;
    for (int i = 0; i < 8; ++i)
        EXPECT_NE(talk.client(auth_get), "policy-violation") << i;
    EXPECT_EQ(talk.client(auth_get), "policy-violation");
    EXPECT_EQ(talk.client(auth_set), "policy-violation");
    talk.manager(refused);
    EXPECT_NE(talk.client(auth_get), "policy-violation") << "one was answered";
}

} // namespace
} // namespace jabberd::test
