// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fake_service.h"
#include "host/trace/redact.h"
#include "host/trace/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::host {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string shown(std::string_view body)
{
    return redacted(message("foo.com", "x", body));
}

TEST(Redaction, HidesThePasswordOfAnOldLogin)
{
    const std::string text = shown(
        "<query "
        "xmlns='jabber:iq:auth'><username>alice</username><password>s3cret</password><resource>r</resource></query>");
    EXPECT_THAT(text, Not(HasSubstr("s3cret")));
    EXPECT_THAT(text, HasSubstr("<password>…</password>"));
    EXPECT_THAT(text, HasSubstr("<username>alice</username>"));
    EXPECT_THAT(text, HasSubstr("<resource>r</resource>"));
}

TEST(Redaction, HidesDigestsTokensAndWhatItDoesNotKnow)
{
    EXPECT_THAT(shown("<query xmlns='jabber:iq:auth'><digest sid='1'>s3cret</digest></query>"),
                Not(HasSubstr("s3cret")));
    EXPECT_THAT(shown("<query xmlns='jabber:iq:auth'><hash>s3cret</hash><token>s3cret</token></query>"),
                Not(HasSubstr("s3cret")));
    EXPECT_THAT(
        shown("<query xmlns='jabber:iq:register'><key>s3cret</key><password><![CDATA[s3cret]]></password></query>"),
        Not(HasSubstr("s3cret")));
}

TEST(Redaction, HidesAFormInsideARegistration)
{
    EXPECT_THAT(shown("<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data'><field "
                      "var='password'><value>s3cret</value></field></x></query>"),
                Not(HasSubstr("s3cret")));
}

TEST(Redaction, HidesSaslInsideAPacketAndAsOne)
{
    EXPECT_THAT(shown("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>czNjcmV0</auth>"),
                Not(HasSubstr("czNjcmV0")));
    jabberd_packet packet = message("foo.com", "x", "czNjcmV0");
    packet.name = view("response");
    packet.xmlns = view("urn:ietf:params:xml:ns:xmpp-sasl");
    EXPECT_EQ(redacted(packet),
              "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl' to='foo.com' from='x'>…</response>");
}

std::string shown_as(std::string_view name, std::string_view xmlns, std::string_view body)
{
    jabberd_packet packet = message("foo.com", "x", body);
    packet.name = view(name);
    packet.xmlns = view(xmlns);
    return redacted(packet);
}

TEST(Redaction, HidesWhatBothProfilesOfSaslCarry)
{
    for (const char *name : {"auth", "challenge", "response", "success"})
        EXPECT_THAT(shown_as(name, "urn:ietf:params:xml:ns:xmpp-sasl", "czNjcmV0"), Not(HasSubstr("czNjcmV0"))) << name;
    for (const char *name : {"challenge", "response"})
        EXPECT_THAT(shown_as(name, "urn:xmpp:sasl:2", "czNjcmV0"), Not(HasSubstr("czNjcmV0"))) << name;
    EXPECT_THAT(shown_as("authenticate", "urn:xmpp:sasl:2",
                         "<initial-response>czNjcmV0</initial-response><user-agent id='1'/>"),
                AllOf(Not(HasSubstr("czNjcmV0")), HasSubstr("<initial-response>…</initial-response>")));
    EXPECT_THAT(shown_as("success", "urn:xmpp:sasl:2",
                         "<additional-data>czNjcmV0</additional-data>"
                         "<authorization-identifier>alice@foo.com/r</authorization-identifier>"),
                AllOf(Not(HasSubstr("czNjcmV0")),
                      HasSubstr("<authorization-identifier>alice@foo.com/r</authorization-identifier>")));
}

TEST(Redaction, HidesChannelBindings)
{
    const std::string connection = "<connection xmlns='jabber:socket-manager:connection' address='192.0.2.7'>"
                                   "<tls version='TLSv1.3'><channel-binding type='tls-exporter'>czNjcmV0"
                                   "</channel-binding></tls></connection>";
    for (const std::string &text : {shown("<query xmlns='jabber:iq:stream-features'>" + connection + "</query>"),
                                    shown_as("auth", "urn:ietf:params:xml:ns:xmpp-sasl", connection + "czNjcmV0"),
                                    shown_as("authenticate", "urn:xmpp:sasl:2", connection)})
        EXPECT_THAT(text, AllOf(Not(HasSubstr("czNjcmV0")), HasSubstr("192.0.2.7"), HasSubstr("tls-exporter"),
                                HasSubstr("TLSv1.3")));
}

TEST(Redaction, ShowsWhichMechanismsAreOffered)
{
    const std::string features = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>"
                                 "</mechanisms>";
    EXPECT_THAT(shown("<query xmlns='jabber:iq:stream-features'>" + features + "</query>"), HasSubstr(features));
}

TEST(Redaction, FindsSecretsUnderPrefixesAndCharacterReferences)
{
    EXPECT_THAT(shown("<p:query xmlns:p='jabber:iq:&#97;uth'><p:password>s3cret</p:password></p:query>"),
                Not(HasSubstr("s3cret")));
    EXPECT_THAT(shown("<join xmlns='x'><password xmlns='muc'>s3cret</password></join>"), Not(HasSubstr("s3cret")));
}

TEST(Redaction, HidesABodyItCannotRead)
{
    EXPECT_THAT(shown("<query xmlns='jabber:iq:auth'><password>s3cret"), Not(HasSubstr("s3cret")));
}

TEST(Redaction, LeavesEverythingElseAsItIs)
{
    EXPECT_EQ(shown("<body>a &amp; b</body><x xmlns='jabber:x:delay'/>"),
              "<message to='foo.com' from='x'><body>a &amp; b</body><x xmlns='jabber:x:delay'/></message>");
}

TEST(Trace, CostsNothingWhileNobodyListens)
{
    Trace trace;
    EXPECT_FALSE(trace.active());
    {
        const TraceListener listener{trace, ""};
        EXPECT_TRUE(trace.active());
    }
    EXPECT_FALSE(trace.active());
}

TEST(Trace, ShowsStoAndSfromAndBothServices)
{
    Trace trace;
    TraceListener listener{trace, ""};
    trace.show("c2s", "sessions", session_message("foo.com", "7@c2s/1"));
    const std::string lines = listener.take();
    EXPECT_THAT(lines, HasSubstr(R"("from":"c2s","to":"sessions")"));
    EXPECT_THAT(lines, HasSubstr("sto='foo.com' sfrom='7@c2s/1'"));
    EXPECT_EQ(listener.take(), "");
}

TEST(Trace, ShowsOnlyWhatTheFilterAsksFor)
{
    Trace trace;
    TraceListener listener{trace, "alice"};
    trace.show("c2s", "sessions", message("alice@foo.com", "x"));
    trace.show("c2s", "sessions", message("bob@foo.com", "x"));
    trace.show("c2s", "alice-service", message("carol@foo.com", "x"));
    const std::string lines = listener.take();
    EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2);
    EXPECT_THAT(lines, Not(HasSubstr("bob")));
}

TEST(Trace, WritesOutWhatWouldMoveTheCursor)
{
    Trace trace;
    TraceListener listener{trace, ""};
    trace.show("c2s", "sessions", message("a\033[2Jb", "x", "<body>line\nnext \xC2\x9B \xE2\x80\xAE</body>"));
    const std::string lines = listener.take();
    EXPECT_THAT(lines, HasSubstr(R"(a\\u{1b}[2Jb)"));
    EXPECT_THAT(lines, HasSubstr(R"(line\\u{a}next \\u{9b} \\u{202e})"));
}

TEST(Trace, CountsWhatASlowListenerMisses)
{
    Trace trace;
    TraceListener listener{trace, ""};
    const std::string body = "<body>" + std::string(60000, 'x') + "</body>";
    for (int i = 0; i < 20; ++i)
        trace.show("c2s", "sessions", message("a", "b", body));
    const std::string lines = listener.take();
    EXPECT_LE(lines.size(), 1024u * 1024u + 20);
    EXPECT_THAT(lines, testing::EndsWith("{\"lost\":3}\n"));
    trace.show("c2s", "sessions", message("a", "b"));
    EXPECT_THAT(listener.take(), HasSubstr("<message"));
}

} // namespace
} // namespace jabberd::host
