// SPDX-License-Identifier: LGPL-2.1-or-later
// Elements of a stream as messages, each a document of its own.
#include "websocket/framing.h"

#include "base/view.h"
#include "websocket/frame.h"

#include <gtest/gtest.h>

#include <string>

namespace jabberd::websocket {
namespace {

using namespace std::string_literals;

const stream::Framing &framing = one_element_a_message();

std::string enclosed(const std::string &element)
{
    std::string out = "before" + element;
    framing.enclose(out, 6);
    EXPECT_TRUE(out.starts_with("before"));
    return out.substr(6);
}

std::string element(const std::string &of)
{
    return std::string{framing.element(enclosed(of))};
}

TEST(MessageFraming, DeclaresTheNamespaceOfAStanza)
{
    EXPECT_EQ(element("<presence/>"), "<presence xmlns='jabber:client'/>");
    EXPECT_EQ(element("<message to='a'><body>1</body></message>"),
              "<message xmlns='jabber:client' to='a'><body>1</body></message>");
    EXPECT_EQ(element("<iq id='&gt; xmlns=&apos;'><query xmlns='jabber:iq:auth'/></iq>"),
              "<iq xmlns='jabber:client' id='&gt; xmlns=&apos;'><query xmlns='jabber:iq:auth'/></iq>")
        << "not that of its child";
}

TEST(MessageFraming, LeavesWhatIsDeclared)
{
    EXPECT_EQ(element("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"),
              "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
}

TEST(MessageFraming, DeclaresThePrefixOfAStreamElement)
{
    EXPECT_EQ(element("<stream:features><limits xmlns='urn:xmpp:stream-limits:0'/></stream:features>"),
              "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>"
              "<limits xmlns='urn:xmpp:stream-limits:0'/></stream:features>");
}

TEST(MessageFraming, HasALengthOfEachForm)
{
    EXPECT_EQ(enclosed("<a xmlns='b'/>").substr(0, 2), "\x81\x0E"s);
    const std::string body(200, 'x'), long_body(70000, 'x');
    const auto all = [](const std::string &text) { return "<a xmlns='b'>" + text + "</a>"; };
    EXPECT_EQ(enclosed(all(body)).substr(0, 4), "\x81\x7E\0\xD9"s);
    EXPECT_EQ(enclosed(all(long_body)).substr(0, 10), "\x81\x7F\0\0\0\0\0\x01\x11\x81"s);
    EXPECT_EQ(element(all(body)), all(body));
    EXPECT_EQ(element(all(long_body)), all(long_body));
}

TEST(MessageFraming, FindsNoElementWhereASnapshotHasNoFrame)
{
    for (const std::string &piece : {""s, "<"s, "\x81"s, "\x81\x7E"s, "\x81\x7F<pres"s})
        EXPECT_EQ(framing.element(piece), "");
    EXPECT_EQ(framing.element("<presence/>"), "resence/>");
}

TEST(MessageFraming, OpensAndClosesAStreamByElements)
{
    xml::StreamHeader header;
    header.version = view("1.0");
    std::string out;
    framing.append_header(out, header, "foo.com", "1d");
    EXPECT_EQ(payload_of(out), "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='foo.com' id='1d' "
                               "version='1.0' xml:lang='en'/>");
    out.clear();
    framing.append_close(out);
    EXPECT_EQ(payload_of(out), "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
    out.clear();
    framing.append_keepalive(out);
    EXPECT_EQ(out, "\x89\0"s);
    out.clear();
    append_close_frame(out, close_code::going_away);
    EXPECT_EQ(out, "\x88\x02\x03\xE9"s);
}

} // namespace
} // namespace jabberd::websocket
