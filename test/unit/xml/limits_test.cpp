// SPDX-License-Identifier: LGPL-2.1-or-later
// Limits of one stanza, each from both of its sides.
#include "support/heard.h"
#include "xml/parser_pool.h"

#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using xml::Fault;

// Everything roomy but one.
template <typename Value>
xml::Rules with(Value xml::Limits::*limit, Value value)
{
    xml::Rules rules{.limits = roomy};
    rules.limits.*limit = value;
    return rules;
}

std::string stanza_of(std::size_t bytes)
{
    const std::string empty = "<message><body></body></message>";
    return "<message><body>" + std::string(bytes - empty.size(), 'x') + "</body></message>";
}

TEST(Limits, BytesAreThePeersFromOneStanzaToTheNext)
{
    const xml::Rules rules = with(&xml::Limits::bytes, 200u);
    for (const std::size_t chunk : std::initializer_list<std::size_t>{1, 3, 64, 200, 100000}) {
        EXPECT_EQ(hear(stanza_of(200) + stanza_of(200), rules, chunk).events.size(), 2u) << "chunks of " << chunk;
        EXPECT_EQ(hear(stanza_of(200) + stanza_of(201), rules, chunk), (Heard{{stanza_of(200)}, Fault::TooManyBytes}))
            << "chunks of " << chunk;
        EXPECT_EQ(hear(stanza_of(201), rules, chunk), (Heard{{}, Fault::TooManyBytes})) << "chunks of " << chunk;
    }
}

TEST(Limits, TheFirstStanzaOfAStreamMayBeAsLargeAsAnyOther)
{
    const xml::Rules rules = with(&xml::Limits::bytes, 200u);
    EXPECT_EQ(hear_stream(std::string{usual_header} + stanza_of(200), rules).events.size(), 2u);
    EXPECT_EQ(hear_stream(std::string{usual_header} + stanza_of(201), rules).fault, Fault::TooManyBytes);
}

TEST(Limits, BytesAreCountedAsSentNotAsUnderstood)
{
    const std::string twenty_ampersands =
        "<a>&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;</a>";
    EXPECT_EQ(hear(twenty_ampersands, with(&xml::Limits::bytes, 100u)).fault, Fault::TooManyBytes);
    EXPECT_EQ(
        hear("<a               \n\n\n                b='1'               />", with(&xml::Limits::bytes, 50u)).fault,
        Fault::TooManyBytes);
}

TEST(Limits, BytesEndAStanzaThatNeverEnds)
{
    const std::string kilobytes(2000, 'x');
    for (const std::string &endless :
         {"<message><body>" + kilobytes, "<" + kilobytes, "<message " + kilobytes, "<message a='" + kilobytes,
          "<!--" + kilobytes, "<?x " + kilobytes, "<message><![CDATA[" + kilobytes, "<message>&" + kilobytes,
          "<![CDATA[" + std::string(2000, ' ')}) {
        for (const std::size_t chunk : std::initializer_list<std::size_t>{1, 500})
            EXPECT_NE(hear(endless, with(&xml::Limits::bytes, 1000u), chunk).fault, Fault::None)
                << endless.substr(0, 20) << " in chunks of " << chunk;
    }
    EXPECT_NE(hear_stream("<stream:stream to='" + kilobytes, with(&xml::Limits::bytes, 1000u)).fault, Fault::None);
}

TEST(Limits, WhiteSpaceBetweenStanzasDoesNotAddUp)
{
    for (const std::size_t chunk : std::initializer_list<std::size_t>{1, 10, 350}) {
        xml::Parser parser{xml::usual_primer};
        const xml::Rules rules = with(&xml::Limits::bytes, 100u);
        for (int i = 0; i < 10; ++i)
            EXPECT_EQ(hear_from(parser, std::string(350, ' '), rules, chunk), Heard{});
        EXPECT_EQ(hear_from(parser, stanza_of(100), rules, chunk), Heard{{stanza_of(100)}});
    }
}

TEST(Limits, BytesStayRightOverAMillionOfThem)
{
    xml::Parser parser{xml::usual_primer};
    const xml::Rules rules = with(&xml::Limits::bytes, 5000u);
    for (int i = 0; i < 300; ++i)
        ASSERT_EQ(hear_from(parser, stanza_of(5000), rules, 1460), Heard{{stanza_of(5000)}}) << "number " << i;
    EXPECT_EQ(hear_from(parser, stanza_of(5001), rules, 1460).fault, Fault::TooManyBytes);
}

TEST(Limits, ElementsOfOneStanza)
{
    const xml::Rules rules = with(&xml::Limits::elements, 3u);
    const std::string three = "<message><a/><b/></message>", four = "<message><a/><b><c/></b></message>";
    EXPECT_EQ(hear(three + three, rules), (Heard{{three, three}}));
    EXPECT_EQ(hear(four, rules), (Heard{{}, Fault::TooManyElements}));
    EXPECT_EQ(hear_stream(std::string{usual_header} + three, rules).events.size(), 2u);
}

TEST(Limits, AttributesOfOneElementWithItsDeclarations)
{
    const xml::Rules rules = with(&xml::Limits::attributes, 3u);
    EXPECT_EQ(hear("<message a='1' b='2' c='3'><d a='1' b='2' c='3'/></message>", rules).fault, Fault::None);
    EXPECT_EQ(hear("<message a='1' b='2' c='3' d='4'/>", rules).fault, Fault::TooManyAttributes);
    EXPECT_EQ(hear("<message><x xmlns='u' xmlns:a='u' xmlns:b='v' xmlns:c='w'/></message>", rules).fault,
              Fault::TooManyAttributes);
}

TEST(Limits, DepthOfOneStanza)
{
    const xml::Rules rules = with(&xml::Limits::depth, 3u);
    EXPECT_EQ(hear("<message><a><b/></a><a><b/></a></message>", rules).fault, Fault::None);
    EXPECT_EQ(hear("<message><a><b><c/></b></a></message>", rules).fault, Fault::TooDeep);
}

TEST(Limits, NamesOfElementsAndAttributes)
{
    const xml::Rules rules = with(&xml::Limits::name_bytes, 10u);
    EXPECT_EQ(hear("<message><abcdefghij abcdefghij=''/></message>", rules).fault, Fault::None);
    EXPECT_EQ(hear("<message><abcdefghijk/></message>", rules).fault, Fault::NameTooLong);
    EXPECT_EQ(hear("<message abcdefghijk=''/>", rules).fault, Fault::NameTooLong);
}

TEST(Limits, DifferentNamesInOneGo)
{
    // One who never pauses at a boundary keeps his parser, and libxml2 keeps every name it has ever read.
    xml::Parser parser{xml::usual_primer};
    Fault fault = Fault::None;
    std::string bytes = "<message>";
    int stanzas = 0;
    for (; fault == Fault::None && stanzas < 10000; ++stanzas) {
        for (int i = 0; i < 50; ++i)
            bytes += "<a" + std::string(90, 'x') + std::to_string(stanzas) + "-" + std::to_string(i) + "/>";
        bytes += "</message><message>";
        fault = hear_from(parser, bytes).fault;
        bytes.clear();
    }
    EXPECT_EQ(fault, Fault::TooManyNames) << "after " << stanzas;
    EXPECT_LT(parser.held_bytes(), 3u << 20);
}

} // namespace
} // namespace jabberd::test
