// SPDX-License-Identifier: LGPL-2.1-or-later
// What somebody inside the server sends is held to the rules of a client's stanza, and never brings sto and sfrom
// along.
#include "base/view.h"
#include "support/heard.h"
#include "xml/packet_text.h"
#include "xml/parser_pool.h"

#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

jabberd_packet packet_of(std::string_view name, std::string_view body = {})
{
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = view(name);
    packet.sto = view("7@c2s/1");
    packet.sfrom = view("alice@foo.com");
    if (!body.empty())
        packet.body = view(body);
    return packet;
}

// As XML; "refused" when it is not what packet.h promises.
std::string rewritten(const jabberd_packet &packet)
{
    xml::Parser parser{xml::usual_primer};
    const xml::Stanza *stanza = parser.rewrite(packet, {.limits = roomy});
    if (stanza == nullptr) {
        EXPECT_FALSE(parser.at_boundary() && hear_from(parser, "<message/>").fault == xml::Fault::None &&
                     parser.at_boundary() && hear_from(parser, "<iq").fault != xml::Fault::None);
        return "refused";
    }
    EXPECT_TRUE(parser.at_boundary());
    std::string out;
    xml::append_packet(out, stanza->packet);
    return out;
}

TEST(Rewrite, TakesStoAndSfromAway)
{
    EXPECT_EQ(rewritten(packet_of("message", "<body>a &amp; b</body>")), "<message><body>a &amp; b</body></message>");
}

TEST(Rewrite, TakesThemAwayAmongTheOtherAttributesToo)
{
    jabberd_packet packet = packet_of("message");
    packet.sto = packet.sfrom = {};
    const jabberd_attribute others[] = {{view("sto"), view("a")}, {view("sfrom"), view("b")}, {view("x"), view("<'&")}};
    packet.attributes = others;
    packet.attribute_count = 3;
    EXPECT_EQ(rewritten(packet), "<message x='&lt;&apos;&amp;'/>");
}

TEST(Rewrite, KeepsEveryOtherField)
{
    jabberd_packet packet = packet_of("iq", "<a xmlns='u'/>");
    packet.to = view("");
    packet.from = view("f");
    packet.id = view("i");
    packet.type = view("t");
    packet.lang = view("de");
    EXPECT_EQ(rewritten(packet), "<iq to='' from='f' id='i' type='t' xml:lang='de'><a xmlns='u'/></iq>");
}

TEST(Rewrite, RefusesABodyThatIsNotWellFormed)
{
    for (const char *body : {"<body>", "</body>", "<body></x>", "<", "&", "&nbsp;", "a\x01", "\xC3", "<x:a/>",
                             "<a b='1' b='2'/>", "<![CDATA[", "<!-- -->", "<?x?>", "]]>"})
        EXPECT_EQ(rewritten(packet_of("message", body)), "refused") << body;
}

TEST(Rewrite, RefusesABodyThatClosesItsPacket)
{
    for (const char *body :
         {"</message><message>", "</message><iq/><message>", "</message>", "</message></stream:stream>",
          "</message> <message>", "</message><![CDATA[", "<a/></message><presence type='x'>"})
        EXPECT_EQ(rewritten(packet_of("message", body)), "refused") << body;
}

TEST(Rewrite, RefusesStreamElements)
{
    EXPECT_EQ(rewritten(packet_of("stream:error")), "refused");
    EXPECT_EQ(rewritten(packet_of("message", "<stream:error/>")), "refused");
    jabberd_packet packet = packet_of("error");
    packet.xmlns = view("http://etherx.jabber.org/streams");
    EXPECT_EQ(rewritten(packet), "refused");
}

TEST(Rewrite, RefusesNamesThatAreNone)
{
    for (const char *name :
         {"", " ", "a b", "a>", "/a", "a/", "1", "a><b", "x:a", "!--", "?x", "a='", "message/><message"})
        EXPECT_EQ(rewritten(packet_of(name)), "refused") << name;
    for (const char *name : {"", "a b", "a='1' b", "to", "xmlns", "x:y", "a>"}) {
        jabberd_packet packet = packet_of("message");
        packet.to = view("t");
        packet.xmlns = view("u");
        const jabberd_attribute other{view(name), view("1")};
        packet.attributes = &other;
        packet.attribute_count = 1;
        const std::string out = rewritten(packet);
        EXPECT_TRUE(out == "refused" || out == "<message xmlns='u' to='t' a='1' b='1'/>") << name << ": " << out;
    }
}

TEST(Rewrite, ReadsManyWithOneParser)
{
    xml::Parser parser{xml::usual_primer};
    for (int i = 0; i < 100; ++i)
        ASSERT_NE(parser.rewrite(packet_of("message", "<body>hi</body>"), {.limits = roomy}), nullptr) << i;
}

} // namespace
} // namespace jabberd::test
