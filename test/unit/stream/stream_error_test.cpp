// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stream/stream_error.h"

#include "support/element.h"
#include "support/heard.h"

#include <gtest/gtest.h>

#include <set>

namespace jabberd::stream {
namespace {

TEST(StreamError, IsWellFormedWithItsTextEscaped)
{
    std::string out;
    append_stream_error(out, {Condition::PolicyViolation, "a <b> & c"});
    EXPECT_EQ(
        out,
        "<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
        "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>a &lt;b&gt; &amp; c</text></stream:error>");
    const test::Element error = test::parse_element(out);
    EXPECT_EQ(error.xmlns, test::stream_namespace);
    EXPECT_EQ(error.children.at(1).children.at(0).text, "a <b> & c");
}

TEST(StreamError, EveryConditionHasItsName)
{
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(Condition::UnsupportedVersion); ++i) {
        const std::string_view condition = name(static_cast<Condition>(i));
        EXPECT_EQ(condition_named(condition), static_cast<Condition>(i)) << condition;
        EXPECT_EQ(condition.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string_view::npos) << condition;
        EXPECT_TRUE(names.insert(condition).second) << condition; // what has none is called undefined-condition
    }
}

TEST(StreamError, EveryFaultHasItsOwn)
{
    // The last of the enumeration: a new fault makes this test fail until it is here, and answered.
    ASSERT_NE(test::name(xml::Fault::TooManyNames), "?");
    ASSERT_EQ(test::name(static_cast<xml::Fault>(static_cast<int>(xml::Fault::TooManyNames) + 1)), "?");
    std::set<std::string_view> texts;
    for (int i = 1; i <= static_cast<int>(xml::Fault::TooManyNames); ++i) {
        const auto fault = static_cast<xml::Fault>(i);
        const StreamError error = error_of(fault);
        EXPECT_NE(error.condition, Condition::InternalServerError) << test::name(fault);
        EXPECT_TRUE(texts.insert(error.text).second) << test::name(fault);
    }
    EXPECT_EQ(error_of(xml::Fault::NotWellFormed).condition, Condition::NotWellFormed);
    EXPECT_EQ(error_of(xml::Fault::RestrictedXml).condition, Condition::RestrictedXml);
    EXPECT_EQ(error_of(xml::Fault::TooDeep).condition, Condition::PolicyViolation);
}

} // namespace
} // namespace jabberd::stream
