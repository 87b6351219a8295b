// SPDX-License-Identifier: LGPL-2.1-or-later
// When a parser may be lent to another stream: never with anything of the last one left in it.
#include "support/heard.h"
#include "xml/parser_pool.h"

#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

TEST(Boundary, IsBetweenStanzasOnly)
{
    for (const char *bytes :
         {"<message/>", "<message/> ", " \r\n\t", "<message/>\r", "<message><body>x</body></message>\n\n"}) {
        xml::Parser parser{xml::usual_primer};
        hear_from(parser, bytes);
        EXPECT_TRUE(parser.at_boundary()) << bytes;
    }
    for (const char *bytes : {"<", "<message", "<message>", "<message/", "<message></message", "<message> ",
                              "<message><body/>", "</", "</stream:stream>", "<!", "<!-", "<?", "&"}) {
        xml::Parser parser{xml::usual_primer};
        hear_from(parser, bytes);
        EXPECT_FALSE(parser.at_boundary()) << bytes;
    }
}

TEST(Boundary, IsNotInsideAnOpenCdataSection)
{
    // libxml2 has read all of it and reports nothing; the next stanza of whoever gets this parser would be the
    // section's text.
    for (const char *bytes : {"<![CDATA[", "<![CDATA[ ", "<![CDATA[\n\n", "<message/><![CDATA[", "<![CDATA"}) {
        for (const std::size_t chunk : std::initializer_list<std::size_t>{1, 1000}) {
            xml::Parser parser{xml::usual_primer};
            hear_from(parser, bytes, {.limits = roomy}, chunk);
            EXPECT_FALSE(parser.at_boundary()) << bytes;
        }
    }
}

TEST(Boundary, ComesWithTheHeader)
{
    xml::Parser parser;
    EXPECT_FALSE(parser.at_boundary());
    hear_from(parser, usual_header.substr(0, 20));
    EXPECT_FALSE(parser.at_boundary());
    hear_from(parser, usual_header.substr(20));
    EXPECT_TRUE(parser.at_boundary());
}

TEST(Boundary, ReportsTheHeader)
{
    EXPECT_EQ(hear_stream("<?xml version='1.0'?><stream:stream to='foo.com' version='1.0' xml:lang='de' "
                          "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"),
              (Heard{{"stream: to=foo.com version=1.0 lang=de xmlns=jabber:client primer=<stream:stream "
                      "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"}}));
    EXPECT_EQ(hear_stream("<html>"), (Heard{{"not a stream: xmlns= primer=<html>"}}));
    EXPECT_EQ(hear_stream("<s:stream xmlns:s='http://etherx.jabber.org/streams' s:to='x'>"),
              (Heard{{"stream: xmlns= primer=<s:stream xmlns:s='http://etherx.jabber.org/streams'>"}}));
}

TEST(Boundary, ReportsTheEndOnce)
{
    EXPECT_EQ(hear("<message/></stream:stream> ").events, (std::vector<std::string>{"<message/>", "end"}));
    EXPECT_EQ(hear("</stream:stream><message/>").events, std::vector<std::string>{"end"});
}

TEST(Boundary, APrimerReadiesAnotherParserForTheSameStream)
{
    const std::string primer =
        "<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams' xmlns:x='&lt;&amp;&#10;&apos;'>";
    const Heard first = hear_stream(primer);
    ASSERT_EQ(first.events.size(), 1u) << first;
    EXPECT_TRUE(first.events[0].ends_with("primer=" + primer)) << first;
    xml::Parser second{primer};
    EXPECT_EQ(hear_from(second, "<x:a/></s:stream>"), (Heard{{"<a xmlns='&lt;&amp;&#10;&apos;'/>", "end"}}));
}

} // namespace
} // namespace jabberd::test
