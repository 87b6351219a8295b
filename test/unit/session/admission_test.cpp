// SPDX-License-Identifier: LGPL-2.1-or-later
// What a client may send, in both states: every element is tried, the unexpected ends the stream.
#include "session/client_says.h"

#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

// Whatever jabberd, XMPP or an attacker may call an element.
constexpr const char *stranger_names[] = {"xdb",      "log",      "route", "handshake", "x",         "m",
                                          "i",        "p",        "iqx",   "Message",   "IQ",        "messages",
                                          "auth",     "response", "abort", "starttls",  "challenge", "success",
                                          "features", "stream",   "error", "query",     "db",        "_"};

TEST(Admission, BeforeLoginLetsAuthPacketsPassOnly)
{
    for (const char *type : {"get", "set"}) {
        for (const char *xmlns : {"jabber:iq:auth", "jabber:iq:register"}) {
            const std::string query = std::string{"<query xmlns='"} + xmlns + "'><username>a</username></query>";
            EXPECT_EQ(Talk{}.client("<iq type='" + std::string{type} + "' id='1'>" + query + "</iq>"),
                      "<iq id='{nonce}' type='" + std::string{type} + "' sto='foo.com' sfrom='7@c2s/1'>" + query +
                          "</iq>");
        }
    }
}

TEST(Admission, BeforeLoginRefusesWhatOnlyLooksLikeOne)
{
    const std::string auth = "<query xmlns='jabber:iq:auth'/>";
    for (const std::string &stanza : {
             "<message>" + auth + "</message>",
             "<presence type='set'>" + auth + "</presence>",
             "<xdb type='set'>" + auth + "</xdb>",
             "<iq type='result'>" + auth + "</iq>",
             "<iq type='error'>" + auth + "</iq>",
             "<iq>" + auth + "</iq>",
             "<iq type='SET'>" + auth + "</iq>",
             std::string{"<iq type='set'/>"},
             "<iq type='set'><x/>" + auth + "</iq>",
             "<iq type='set'>" + auth + "<x/></iq>",
             "<iq type='set'>" + auth + auth + "</iq>",
             "<iq type='set'><x>" + auth + "</x></iq>",
             "<iq type='set' xmlns='jabber:server'>" + auth + "</iq>",
             std::string{"<iq type='set'><query/></iq>"},
             std::string{"<iq type='set'><query xmlns='jabber:iq:roster'/></iq>"},
             std::string{"<iq type='set'><query xmlns='jabber:iq:auth#'/></iq>"},
             std::string{"<iq type='set'><Query xmlns='jabber:iq:auth'/></iq>"},
             std::string{"<iq type='set'><query><x xmlns='jabber:iq:auth'/></query></iq>"},
             std::string{"<iq type='set'><query xmlns:x='u' x:xmlns='jabber:iq:auth'/></iq>"},
         })
        EXPECT_EQ(Talk{}.client(stanza), "not-authorized") << stanza;
}

TEST(Admission, RefusesEveryOtherElementInBothStates)
{
    for (const char *name : stranger_names) {
        for (const std::string &stanza :
             {"<" + std::string{name} + "/>",
              "<" + std::string{name} + " type='set'><query xmlns='jabber:iq:auth'/></" + name + ">"}) {
            Talk unknown, authenticated;
            authenticated.log_in();
            EXPECT_EQ(unknown.client(stanza), "not-authorized") << stanza;
            EXPECT_EQ(authenticated.client(stanza), "unsupported-stanza-type") << stanza;
        }
    }
}

TEST(Admission, RefusesStanzasOfOtherNamespacesInBothStates)
{
    for (const char *name : {"message", "presence", "iq"}) {
        for (const char *xmlns : {"", "jabber:server", "jabber:component:accept", "urn:x"}) {
            const std::string stanza = "<" + std::string{name} + " type='set' xmlns='" + xmlns +
                                       "'><query xmlns='jabber:iq:auth'/></" + name + ">";
            Talk unknown, authenticated;
            authenticated.log_in();
            EXPECT_EQ(unknown.client(stanza), *xmlns == '\0' ? "invalid-namespace" : "not-authorized") << stanza;
            EXPECT_EQ(authenticated.client(stanza), "unsupported-stanza-type") << stanza;
        }
    }
}

TEST(Admission, AfterLoginSendsStanzasToTheSession)
{
    Talk talk;
    talk.log_in();
    EXPECT_EQ(talk.client("<message to='bob@foo.com' from='f'><body>hi</body></message>"),
              "<message to='bob@foo.com' from='f' sto='alice@foo.com/r' sfrom='7@c2s/1'><body>hi</body></message>");
    EXPECT_EQ(talk.client("<presence/>"), "<presence sto='alice@foo.com/r' sfrom='7@c2s/1'/>");
    EXPECT_EQ(talk.client("<iq type='set' id='x'><query xmlns='jabber:iq:auth'/></iq>"),
              "<iq id='x' type='set' sto='alice@foo.com/r' sfrom='7@c2s/1'><query xmlns='jabber:iq:auth'/></iq>");
}

TEST(Admission, ReplacesForgedSessionAttributes)
{
    Talk talk;
    EXPECT_EQ(talk.client("<iq sto='xdb' sfrom='1@c2s/1' type='get' id='1'><query xmlns='jabber:iq:auth'/></iq>"),
              "<iq id='{nonce}' type='get' sto='foo.com' sfrom='7@c2s/1'><query xmlns='jabber:iq:auth'/></iq>");
    talk.log_in();
    EXPECT_EQ(talk.client("<message sto='bob@foo.com/r' sfrom=''/>"),
              "<message sto='alice@foo.com/r' sfrom='7@c2s/1'/>");
    EXPECT_EQ(talk.client("<message xmlns:s='u' s:sto='x' xml:sfrom='y'/>"),
              "<message sto='alice@foo.com/r' sfrom='7@c2s/1' xmlns:s='u' s:sto='x' xml:sfrom='y'/>");
}

TEST(Admission, BeforeLoginNobodyHasAName)
{
    // The stream header may name a gateway, and gateways take registrations by their `from`.
    EXPECT_EQ(
        Talk{}.client(
            "<iq type='set' id='1' to='icq.foo.com' from='victim@foo.com'><query xmlns='jabber:iq:register'/></iq>"),
        "<iq to='icq.foo.com' id='{nonce}' type='set' sto='foo.com' sfrom='7@c2s/1'><query "
        "xmlns='jabber:iq:register'/></iq>");
}

TEST(Admission, AfterLoginRefusesAForged510)
{
    for (const char *stanza :
         {"<message><error code='510'/></message>",
          "<message type='error' to='bob@foo.com'><error code='510' type='chat'>Disconnected</error></message>",
          "<iq type='result'><error xmlns='u' code='510'/></iq>", "<presence><x/><error code=\"510\"/></presence>"}) {
        Talk talk;
        talk.log_in();
        EXPECT_EQ(talk.client(stanza), "policy-violation") << stanza;
    }
}

} // namespace
} // namespace jabberd::test
