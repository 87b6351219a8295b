// SPDX-License-Identifier: LGPL-2.1-or-later
#include "xml/escape.h"

#include <gtest/gtest.h>

namespace jabberd::xml {
namespace {

TEST(Escape, LeavesNothingInAValueThatCouldEndIt)
{
    std::string out;
    append_attribute_value(out, "a<b>&'\"\t\n\r\xC3\xA9");
    EXPECT_EQ(out, "a&lt;b&gt;&amp;&apos;&quot;&#9;&#10;&#13;\xC3\xA9");
}

TEST(Escape, LeavesQuotesAndLinesInText)
{
    std::string out = "before ";
    append_text(out, "a<b>&'\"\t\n\r");
    EXPECT_EQ(out, "before a&lt;b&gt;&amp;'\"\t\n&#13;");
}

TEST(Escape, TakesNothingForNothing)
{
    std::string out;
    append_text(out, {});
    append_attribute(out, "id", {});
    EXPECT_EQ(out, " id=''");
}

} // namespace
} // namespace jabberd::xml
