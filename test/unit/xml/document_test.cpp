// SPDX-License-Identifier: LGPL-2.1-or-later
// From a tree to text again.
#include "xml/document.h"

#include <gtest/gtest.h>

namespace jabberd::xml {
namespace {

std::string again(std::string_view body)
{
    const auto document = parse_body(body);
    return document ? children_text(xmlDocGetRootElement(document.get())) : "not well-formed";
}

TEST(Document, IsWrittenAsItWasRead)
{
    for (const char *body :
         {"<a x='&lt;&gt;&amp;&apos;&quot;&#9;&#10;'>&lt;&amp;&gt;</a>", "text <a><b/> more </a>", "<a xml:lang='de'/>",
          "<a xmlns='urn:&lt;&amp;&apos;'/>", "<x:a xmlns:x='urn:&lt;&amp;' x:y='1'><x:b/></x:a>", "<x:a x:y='1'/>"})
        EXPECT_EQ(again(body), body);
    EXPECT_EQ(again("<a><!-- x --><![CDATA[]]></a>"), "<a/>");
    EXPECT_EQ(again("<a><![CDATA[<&]]></a>"), "<a>&lt;&amp;</a>");
}

TEST(Document, AChildDeclaresWhatItHasFromAbove)
{
    const auto document = parse_body("<p xmlns='urn:p' xmlns:a='urn:a' xmlns:b='urn:b'><a:x b:y='1'><a:z/></a:x><q/>"
                                     "<a:x xmlns:a='urn:other'/><c:d xmlns:c='urn:c'/></p>");
    ASSERT_TRUE(document);
    EXPECT_EQ(children_text(xmlFirstElementChild(xmlDocGetRootElement(document.get()))),
              "<a:x xmlns:a='urn:a' xmlns:b='urn:b' b:y='1'><a:z/></a:x><q/><a:x xmlns:a='urn:other'/>"
              "<c:d xmlns:c='urn:c'/>");
}

} // namespace
} // namespace jabberd::xml
