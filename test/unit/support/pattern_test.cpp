// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/pattern.h"

#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

std::optional<std::string> between(const char *expected, const char *actual, Captures &captures)
{
    return difference(parse_element(expected), parse_element(actual), captures);
}

bool match(const char *expected, const char *actual)
{
    Captures captures;
    return !between(expected, actual, captures);
}

TEST(Pattern, SeesNoDifferenceInSpelling)
{
    EXPECT_TRUE(match("<a b='1' c='2'><x xmlns='urn:x'/></a>", "<a c=\"2\" b=\"1\"><y:x xmlns:y=\"urn:x\"></y:x></a>"));
    EXPECT_TRUE(match("<a>&#60;&amp;</a>", "<a><![CDATA[<&]]></a>"));
}

TEST(Pattern, SeesEveryOtherDifference)
{
    EXPECT_FALSE(match("<a b='1'/>", "<a/>"));
    EXPECT_FALSE(match("<a/>", "<a b='1'/>"));
    EXPECT_FALSE(match("<a>1</a>", "<a>1 </a>"));
    EXPECT_FALSE(match("<a><b/><c/></a>", "<a><c/><b/></a>"));
    EXPECT_FALSE(match("<a><x xmlns='urn:x'/></a>", "<a><x/></a>"));
    EXPECT_FALSE(match("<a b='1'/>", "<a xmlns:x='urn:x' x:b='1'/>"));
}

TEST(Pattern, SaysWhereTheDifferenceIs)
{
    Captures captures;
    EXPECT_EQ(between("<a><b c='1'/></a>", "<a><b c='2'/></a>", captures), "<a><b> has c=\"2\" instead of \"1\"");
}

TEST(Pattern, HoleTakesWhatItFindsAndMustFindItAgain)
{
    Captures captures;
    EXPECT_FALSE(between("<a from='{who}@foo.com'/>", "<a from='alice@foo.com'/>", captures));
    EXPECT_EQ(captures["who"], "alice");
    EXPECT_FALSE(between("<a>{who}</a>", "<a>alice</a>", captures));
    EXPECT_TRUE(between("<a>{who}</a>", "<a>bob</a>", captures));
}

TEST(Pattern, FailedMatchCapturesNothing)
{
    Captures captures;
    EXPECT_TRUE(between("<a b='{b}' c='1'/>", "<a b='x' c='2'/>", captures));
    EXPECT_TRUE(captures.empty());
}

TEST(Pattern, HoleMayAskForHexadecimalDigits)
{
    EXPECT_TRUE(match("<a id='{id:4 hex}'/>", "<a id='09af'/>"));
    EXPECT_FALSE(match("<a id='{id:4 hex}'/>", "<a id='09afb'/>"));
    EXPECT_FALSE(match("<a id='{id:4 hex}'/>", "<a id='09AF'/>"));
}

TEST(Pattern, StarStandsForAnything)
{
    EXPECT_TRUE(match("<a b='{*}'>{*}</a>", "<a b=''><c/>text</a>"));
    EXPECT_TRUE(match("<a etc='{*}'/>", "<a b='1' c='2'/>"));
}

TEST(Pattern, FillsHolesAsXmlOrAsTheyAre)
{
    const Captures captures{{"x", "<&"}};
    EXPECT_EQ(fill("{x}", captures, Filling::Xml), "&lt;&amp;");
    EXPECT_EQ(fill("{x}", captures, Filling::Plain), "<&");
    EXPECT_THROW(fill("{y}", captures, Filling::Plain), std::invalid_argument);
}

TEST(Pattern, ExpandsRepeats)
{
    EXPECT_EQ(expand_repeats("a{b*3}c{<d/>*2}"), "abbbc<d/><d/>");
}

} // namespace
} // namespace jabberd::test
