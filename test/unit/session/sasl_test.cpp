// SPDX-License-Identifier: LGPL-2.1-or-later
// Every element of SASL in every state (THREATS: CVE-2006-1329, CVE-2017-10807): what does not fit ends the stream.
#include "session/client_says.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace jabberd::test {
namespace {

constexpr const char *connection = "<connection xmlns='jabber:socket-manager:connection' address='::1' port='1'/>";

// A client that was offered mechanism A in both profiles.
struct Offered : Talk {
    Offered()
    {
        session::Outbound question = session.ask_features(connection);
        left(question);
        manager("<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='foo.com'><query xmlns='jabber:iq:stream-features'>"
                "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>A</mechanism></mechanisms>"
                "<authentication xmlns='urn:xmpp:sasl:2'><mechanism>A</mechanism></authentication></query></iq>");
    }

    void begin(const std::string &xmlns = "urn:ietf:params:xml:ns:xmpp-sasl", const char *name = "auth")
    {
        client("<" + std::string{name} + " xmlns='" + xmlns + "' mechanism='A'/>");
    }
    void be_challenged()
    {
        begin();
        manager("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl' id='{nonce}' sto='7@c2s/1' sfrom='foo.com'/>");
    }
    void fail()
    {
        begin();
        manager("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl' id='{nonce}' sto='7@c2s/1' sfrom='foo.com'>"
                "<not-authorized/></failure>");
    }
    void succeed()
    {
        begin();
        manager("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl' id='{nonce}' sto='7@c2s/1' sfrom='alice@foo.com'/>");
    }
    void bind()
    {
        succeed();
        client("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        manager("<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='alice@foo.com/r'/>");
    }
};

const std::map<std::string, std::string> elements = {
    {"auth", "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='A'/>"},
    {"response", "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>eA==</response>"},
    {"abort", "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"},
    {"authenticate", "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='A'/>"},
    {"response 2", "<response xmlns='urn:xmpp:sasl:2'>eA==</response>"},
    {"abort 2", "<abort xmlns='urn:xmpp:sasl:2'/>"},
    {"challenge", "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"},
    {"success", "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"},
    {"success 2", "<success xmlns='urn:xmpp:sasl:2'/>"},
    {"next 2", "<next xmlns='urn:xmpp:sasl:2'/>"},
    {"bind", "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"},
    {"login", "<iq type='set' id='l'><query xmlns='jabber:iq:auth'/></iq>"},
    {"message", "<message/>"},
};

// What comes of each element: "sent" to the session manager, or the stream error.
void expect(const std::function<void(Offered &)> &get_there, const std::map<std::string, std::string> &exceptions,
            const std::string &otherwise)
{
    for (const auto &[name, element] : elements) {
        Offered client;
        get_there(client);
        const std::string got = client.client(element);
        const auto exception = exceptions.find(name);
        EXPECT_EQ(got.starts_with("<") ? "sent" : got, exception == exceptions.end() ? otherwise : exception->second)
            << name;
    }
}

// Offered these mechanisms, it fails by one after the other.
unsigned tries(const std::vector<std::string> &mechanisms)
{
    Talk talk;
    session::Outbound question = talk.session.ask_features(connection);
    talk.left(question);
    talk.manager("<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='foo.com'><query "
                 "xmlns='jabber:iq:stream-features'><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
                 "<mechanism>A</mechanism><mechanism>B</mechanism><mechanism>C</mechanism></mechanisms></query></iq>");
    for (const std::string &mechanism : mechanisms) {
        if (mechanism == "iq:auth") {
            talk.client("<iq type='set' id='l'><query xmlns='jabber:iq:auth'/></iq>");
            talk.manager("<iq type='error' id='{nonce}' sto='7@c2s/1' sfrom='foo.com'/>");
            continue;
        }
        talk.client("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='" + mechanism + "'/>");
        talk.manager("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl' id='{nonce}' sto='7@c2s/1' sfrom='foo.com'/>");
    }
    return talk.session.failed_logins();
}

TEST(SaslTries, FailAsOftenAsThereAreMechanisms)
{
    EXPECT_EQ(tries({"A"}), 1u);
    EXPECT_EQ(tries({"A", "B", "C", "iq:auth"}), 1u);
    EXPECT_EQ(tries({"A", "A", "B"}), 1u) << "libpurple comes with some of them twice";
    EXPECT_EQ(tries({"A", "A", "A", "A"}), 2u);
    EXPECT_EQ(tries({"A", "B", "A", "B", "C"}), 2u);
    EXPECT_EQ(tries({"iq:auth", "iq:auth", "A", "iq:auth"}), 3u);
}

TEST(SaslTries, BeginWithEveryMechanismThatWasNotOffered)
{
    EXPECT_EQ(tries({"X", "Y", "Z"}), 3u);
    EXPECT_EQ(tries({"A", "X", "A"}), 3u);
}

TEST(SaslElements, BeforeALogin)
{
    expect([](Offered &) {},
           {{"auth", "sent"},
            {"authenticate", "sent"},
            {"login", "sent"},
            {"response", "policy-violation"},
            {"response 2", "policy-violation"},
            {"abort", "policy-violation"},
            {"abort 2", "policy-violation"},
            {"next 2", "policy-violation"}},
           "not-authorized");
}

TEST(SaslElements, WhileAnAnswerIsDue)
{
    expect([](Offered &client) { client.begin(); }, {}, "policy-violation");
}

TEST(SaslElements, AfterAChallenge)
{
    expect([](Offered &client) { client.be_challenged(); }, {{"response", "sent"}, {"abort", "sent"}},
           "policy-violation");
}

// A client may have sent what belongs to the exchange before it read that it is over.
TEST(SaslElements, AfterAFailure)
{
    const std::string rfc6120 = "answered: <failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><";
    const std::string sasl2 = "answered: <failure xmlns='urn:xmpp:sasl:2'><";
    const std::string condition = " xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>";
    expect([](Offered &client) { client.fail(); },
           {{"auth", "sent"},
            {"authenticate", "sent"},
            {"login", "sent"},
            {"abort", rfc6120 + "aborted/></failure>"},
            {"abort 2", sasl2 + "aborted" + condition},
            {"response", rfc6120 + "malformed-request/></failure>"},
            {"response 2", sasl2 + "malformed-request" + condition},
            {"next 2", sasl2 + "malformed-request" + condition}},
           "not-authorized");
    Offered client;
    client.fail();
    for (int i = 0; i < 5; ++i)
        client.client(elements.at("abort"));
    EXPECT_EQ(client.session.failed_logins(), 1u) << "nothing was tried";
}

TEST(SaslElements, AfterASuccess)
{
    expect([](Offered &client) { client.succeed(); }, {{"bind", "sent"}}, "not-authorized");
}

TEST(SaslElements, InASession)
{
    expect([](Offered &client) { client.bind(); }, {{"bind", "sent"}, {"login", "sent"}, {"message", "sent"}},
           "unsupported-stanza-type");
}

TEST(SaslElements, WithoutAnOffer)
{
    for (const auto &[name, element] : elements) {
        if (name == "login")
            continue;
        EXPECT_EQ(Talk{}.client(element), "not-authorized") << name;
    }
}

TEST(SaslElements, HoldNoElementsInTheProfileOfRfc6120)
{
    EXPECT_EQ(Offered{}.client("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='A'><x/></auth>"),
              "bad-format");
}

TEST(SaslElements, DoNotDescribeTheConnection)
{
    EXPECT_EQ(Offered{}.client("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='A'><x/>" + std::string{connection} +
                               "</authenticate>"),
              "policy-violation");
}

TEST(SaslElements, TravelWithTheDescriptionOfTheConnection)
{
    EXPECT_EQ(Offered{}.client("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='A' sto='x'>eA==</auth>"),
              "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' id='{nonce}' sto='foo.com' sfrom='7@c2s/1' "
              "mechanism='A'>" +
                  std::string{connection} + "eA==</auth>");
}

TEST(SaslSuccess, BeginsTheStreamAnewOrGoesOn)
{
    Offered first, second, third;
    first.begin();
    EXPECT_EQ(first.manager("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl' id='{nonce}' sto='7@c2s/1' "
                            "sfrom='alice@foo.com'/>"),
              "authenticated, new stream: <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    second.begin("urn:xmpp:sasl:2", "authenticate");
    EXPECT_EQ(second.manager("<success xmlns='urn:xmpp:sasl:2' id='{nonce}' sto='7@c2s/1' sfrom='alice@foo.com'/>"),
              "authenticated, new features: <success xmlns='urn:xmpp:sasl:2'/>");
    third.begin("urn:xmpp:sasl:2", "authenticate");
    EXPECT_EQ(third.manager("<success xmlns='urn:xmpp:sasl:2' id='{nonce}' sto='7@c2s/1' sfrom='alice@foo.com/r'/>"),
              "logged in, new features: <success xmlns='urn:xmpp:sasl:2'/>");
    EXPECT_TRUE(third.session.bound());
}

TEST(SaslSuccess, WithASessionIsNotOfferedABindingWhenTheNextQuestionFails)
{
    Offered client;
    client.begin("urn:xmpp:sasl:2", "authenticate");
    client.manager("<success xmlns='urn:xmpp:sasl:2' id='{nonce}' sto='7@c2s/1' sfrom='alice@foo.com/r'/>");
    session::Outbound question = client.session.ask_features(connection);
    client.left(question);
    EXPECT_EQ(client.manager("<iq type='error' id='{nonce}' sto='7@c2s/1' sfrom='foo.com'><error code='500'/></iq>"),
              "features: ");
    EXPECT_TRUE(client.client("<message/>").starts_with("<message")) << "the session goes on";
}

TEST(SaslSuccess, IsOfTheProfileAndHasAUser)
{
    for (const char *wrong : {"<success xmlns='urn:xmpp:sasl:2' id='{nonce}' sto='7@c2s/1' sfrom='alice@foo.com'/>",
                              "<success id='{nonce}' sto='7@c2s/1' sfrom='alice@foo.com'/>",
                              "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl' id='{nonce}' sto='7@c2s/1' "
                              "sfrom='foo.com'/>",
                              "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-sasl' id='{nonce}' sto='7@c2s/1' "
                              "sfrom='alice@foo.com'/>",
                              "<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='alice@foo.com/r'/>"}) {
        Offered client;
        client.begin();
        EXPECT_EQ(client.manager(wrong), "impossible") << wrong;
        EXPECT_FALSE(client.session.authenticated()) << wrong;
    }
}

TEST(Binding, IsOfTheUserWhoWasAuthenticated)
{
    for (const char *other : {"bob@foo.com/r", "alice@foo.com", "foo.com"}) {
        Offered client;
        client.succeed();
        client.client("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        EXPECT_EQ(client.manager("<iq type='result' id='{nonce}' sto='7@c2s/1' sfrom='" + std::string{other} + "'/>"),
                  "impossible")
            << other;
        EXPECT_FALSE(client.session.bound()) << other;
    }
}

TEST(Binding, IsWaitedForByWhatIsForTheClient)
{
    Offered client;
    client.succeed();
    EXPECT_EQ(client.manager("<message sto='7@c2s/1' sfrom='alice@foo.com'/>"), "too early: <message/>");
    EXPECT_EQ(client.manager("<message type='error' sto='7@c2s/1' sfrom='alice@foo.com'><error code='510'/></message>"),
              "disconnected");
}

TEST(Abandoning, AbortsAnExchangeAndNothingElse)
{
    Offered idle, challenged, done;
    EXPECT_FALSE(idle.session.abandon());
    done.succeed();
    EXPECT_FALSE(done.session.abandon());
    challenged.be_challenged();
    auto abort = challenged.session.abandon();
    ASSERT_TRUE(abort);
    EXPECT_EQ(challenged.left(*abort),
              "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl' id='{nonce}' sto='foo.com' sfrom='7@c2s/1'/>");
    EXPECT_FALSE(challenged.session.abandon());
}

} // namespace
} // namespace jabberd::test
