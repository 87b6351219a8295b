// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stream/header.h"

#include "base/view.h"

#include <gtest/gtest.h>

namespace jabberd::stream {
namespace {

xml::StreamHeader header_to(std::string_view to)
{
    xml::StreamHeader header;
    header.is_stream = true;
    header.content_namespace = "jabber:client";
    header.to = view(to);
    return header;
}

std::string answer(const xml::StreamHeader &header, std::string_view from = "foo.com")
{
    std::string out;
    append_answer(out, header, from, "1d");
    return out;
}

TEST(Header, ThatNamesAServerIsAccepted)
{
    for (const std::string &host : {std::string{"foo.com"}, std::string{"localhost"}, std::string{"127.0.0.1"},
                                    std::string{"b\xC3\xBC"
                                                "cher.example"},
                                    std::string(1023, 'a')})
        EXPECT_FALSE(refusal(header_to(host))) << host;
}

TEST(Header, MustNameAServer)
{
    xml::StreamHeader without = header_to("");
    without.to = {};
    EXPECT_EQ(refusal(without)->condition, Condition::ImproperAddressing);
    for (const std::string &host :
         {std::string{}, std::string{"alice@foo.com"}, std::string{"foo.com/r"}, std::string{"foo com"},
          std::string{"foo.com\n"}, std::string{"<foo>"}, std::string{"a'b"}, std::string{"a\"b"}, std::string{"a&b"},
          std::string(1024, 'a')}) {
        const auto refused = refusal(header_to(host));
        ASSERT_TRUE(refused) << host;
        EXPECT_EQ(refused->condition, Condition::ImproperAddressing) << host;
    }
}

TEST(Header, HasNoLanguageThatIsLongerThanAnyTag)
{
    xml::StreamHeader header = header_to("foo.com");
    const std::string longest(64, 'e'), too_long(65, 'e');
    header.lang = view(longest);
    EXPECT_FALSE(refusal(header));
    header.lang = view(too_long);
    EXPECT_EQ(refusal(header)->condition, Condition::PolicyViolation);
}

TEST(Header, MustBeAStreamOfAClient)
{
    xml::StreamHeader no_stream = header_to("foo.com");
    no_stream.is_stream = false;
    EXPECT_EQ(refusal(no_stream)->condition, Condition::InvalidNamespace);
    for (const char *other : {"urn:else", "jabber:server", "jabber:component:accept", "JABBER:CLIENT"}) {
        xml::StreamHeader header = header_to("foo.com");
        header.content_namespace = other;
        EXPECT_EQ(refusal(header)->condition, Condition::InvalidNamespace) << other;
    }
}

TEST(Header, MayLeaveTheNamespaceOfStanzasToTheStanzas)
{
    for (const char *none : {"", "http://etherx.jabber.org/streams"}) {
        xml::StreamHeader header = header_to("foo.com");
        header.content_namespace = none;
        EXPECT_FALSE(refusal(header)) << none;
    }
}

TEST(Header, IsAnsweredWithOurs)
{
    EXPECT_EQ(answer(header_to("foo.com")),
              "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
              "xmlns='jabber:client' from='foo.com' id='1d'>");
    EXPECT_EQ(answer(header_to(""), ""),
              "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
              "xmlns='jabber:client' id='1d'>");
}

TEST(Header, OfXmpp1IsAnsweredInKind)
{
    xml::StreamHeader header = header_to("foo.com");
    for (const char *with : {"1.0", "1.1", "1.10", "2.0", "10", "10.0", "01.0", "0001.00", "1", "4294967297.0"}) {
        header.version = view(with);
        EXPECT_TRUE(answer(header).ends_with(" version='1.0' xml:lang='en'>")) << with;
        EXPECT_TRUE(expects_features(header)) << with;
        EXPECT_FALSE(refusal(header)) << with;
    }
    for (const char *without : {"", "0.9", "0.10", "0", "00.0"}) {
        header.version = view(without);
        EXPECT_FALSE(refusal(header)) << without;
        EXPECT_EQ(answer(header), answer(header_to("foo.com"))) << without;
        EXPECT_FALSE(expects_features(header)) << without;
    }
}

TEST(Header, WhoseVersionIsNoneIsRefused)
{
    xml::StreamHeader header = header_to("foo.com");
    for (const char *junk : {"x", " 1.0", "-1", "1.x", "1.", ".0", ".", "1.0.0", "1,0", "1.0 ", "+1.0", "\xD9\xA1.0"}) {
        header.version = view(junk);
        ASSERT_TRUE(refusal(header)) << junk;
        EXPECT_EQ(refusal(header)->condition, Condition::UnsupportedVersion) << junk;
        EXPECT_FALSE(expects_features(header)) << junk;
    }
}

TEST(Header, IsAnsweredWithTheNameEscaped)
{
    EXPECT_NE(answer(header_to("x"), "a'><b").find(" from='a&apos;&gt;&lt;b' "), std::string::npos);
}

} // namespace
} // namespace jabberd::stream
