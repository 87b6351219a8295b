// SPDX-License-Identifier: LGPL-2.1-or-later
// What is passed on is our serialisation, never the peer's bytes.
#include "support/heard.h"

#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

Heard one(std::string stanza)
{
    return {{std::move(stanza)}};
}

TEST(CanonicalForm, HasSingleQuotesAndNoSpareWhiteSpace)
{
    EXPECT_EQ(hear("<message\n\tto = \"a\"   type='chat' ><body  ></body\n></message >"),
              one("<message to='a' type='chat'><body/></message>"));
    EXPECT_EQ(hear("<message to=\"'\" id='\"'/>"), one("<message to='&apos;' id='&quot;'/>"));
}

TEST(CanonicalForm, WritesAttributesOfRoutingFirst)
{
    EXPECT_EQ(hear("<message foo='1' type='t' sfrom='f' id='i' sto='s' from='g' to='h'/>"),
              one("<message to='h' from='g' id='i' type='t' sto='s' sfrom='f' foo='1'/>"));
}

TEST(CanonicalForm, KeepsWhiteSpaceInText)
{
    EXPECT_EQ(hear("<message> <body>\n a\t b </body>\n</message>"),
              one("<message> <body>\n a\t b </body>\n</message>"));
    EXPECT_EQ(hear("<message>a\r\nb\rc&#13;d</message>"), one("<message>a\nb\nc&#13;d</message>"));
}

TEST(CanonicalForm, NormalisesAttributesOnceOnly)
{
    // XML 1.0 §3.3.3: white space as it stands becomes a space, as a reference it stays.
    EXPECT_EQ(hear("<message id='a\tb\nc\r\nd'/>"), one("<message id='a b c d'/>"));
    EXPECT_EQ(hear("<message id='a&#9;b&#10;c&#13;d'/>"), one("<message id='a&#9;b&#10;c&#13;d'/>"));
    EXPECT_EQ(hear("<message id='  a  b  '/>"), one("<message id='  a  b  '/>"));
}

TEST(CanonicalForm, ReadsBracketsInAttributesInAnyChunks)
{
    for (const std::size_t chunk : std::initializer_list<std::size_t>{1, 2, 5, 16, 17, 18, 1000})
        EXPECT_EQ(
            hear("<message to='a>b' from='/>'><x y=\"<\" z='>>' /></message>" + std::string{}, {.limits = roomy}, chunk)
                .fault,
            xml::Fault::NotWellFormed)
            << chunk;
    for (const std::size_t chunk : std::initializer_list<std::size_t>{1, 2, 5, 16, 17, 18, 1000})
        EXPECT_EQ(hear("<message to='a>b' from='/>'><x z='>>' /></message>", {.limits = roomy}, chunk),
                  one("<message to='a&gt;b' from='/&gt;'><x z='&gt;&gt;'/></message>"))
            << chunk;
}

TEST(CanonicalForm, CdataIsText)
{
    EXPECT_EQ(hear("<message><![CDATA[<b a='1'>&amp;]] ]]>c</message>"),
              one("<message>&lt;b a='1'&gt;&amp;amp;]] c</message>"));
    EXPECT_EQ(hear("<message><![CDATA[]]></message>"), one("<message/>"));
    const std::string text(2000, '<');
    std::string escaped;
    for (int i = 0; i < 2000; ++i)
        escaped += "&lt;";
    for (const std::size_t chunk : std::initializer_list<std::size_t>{1, 7, 299, 4000})
        EXPECT_EQ(hear("<message><![CDATA[" + text + "]]></message>", {.limits = roomy}, chunk),
                  one("<message>" + escaped + "</message>"))
            << chunk;
}

TEST(CanonicalForm, LineEndsAreNewlinesInCdataToo)
{
    for (const std::size_t chunk : std::initializer_list<std::size_t>{1, 3, 100})
        EXPECT_EQ(
            hear("<message><![CDATA[a\r\nb\rc\n\r\n]]><x/><![CDATA[\nd\r]]>\n</message>", {.limits = roomy}, chunk),
            one("<message>a\nb\nc\n\n<x/>\nd\n\n</message>"))
            << chunk;
    EXPECT_EQ(hear("<message><![CDATA[" + std::string(1000, '\r') + "\n]]></message>"),
              one("<message>" + std::string(1000, '\n') + "</message>"));
    EXPECT_EQ(hear("<message><![CDATA[a\r]]><![CDATA[\nb]]></message>", {.limits = roomy}, 1),
              one("<message>a\n\nb</message>"));
}

TEST(CanonicalForm, CharacterReferencesAreCharacters)
{
    EXPECT_EQ(hear("<m&#101;/>").fault, xml::Fault::NotWellFormed);
    EXPECT_EQ(hear("<message id='&#x41;&#66;'>&#x1F600;&#233;&#38;lt;</message>"),
              one("<message id='AB'>\xF0\x9F\x98\x80\xC3\xA9&amp;lt;</message>"));
}

TEST(CanonicalForm, IsItsOwnCanonicalForm)
{
    const Heard first =
        hear("<message xmlns:x='u' x:a='&lt;&#10;'><x:b x:c='1'><d xmlns=''/>]]&gt;&#13;</x:b></message>");
    ASSERT_EQ(first.events.size(), 1u) << first;
    EXPECT_EQ(hear(first.events.front()), first);
}

} // namespace
} // namespace jabberd::test
