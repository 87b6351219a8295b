// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/host_name.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jabberd {
namespace {

TEST(HostName, DiffersOnlyByMoreThanCase)
{
    EXPECT_TRUE(same_host("Foo.COM", "foo.com"));
    EXPECT_FALSE(same_host("foo.com", "foo.co"));
    EXPECT_FALSE(same_host("foo.co", "foo.com"));
}

TEST(HostName, HasManySpellings)
{
    const std::vector<std::string> spellings = {"bücher.example",
                                                "BÜCHER.example",
                                                "Bücher.EXAMPLE.",
                                                "bu\u0308cher.example",      // u and a combining diaeresis
                                                "\uFF42ücher\uFF0Eexample",  // full-width b and full stop
                                                "bücher\u3002example\u3002", // ideographic full stops
                                                "b\u00ADücher.example",      // a soft hyphen
                                                "xn--bcher-kva.example",
                                                "XN--Bcher-KVA.Example."};
    for (const std::string &name : spellings) {
        EXPECT_EQ(host_in_ascii(name), "xn--bcher-kva.example") << name;
        EXPECT_EQ(host_in_unicode(name), "bücher.example") << name;
        EXPECT_TRUE(is_host_name(name)) << name;
        for (const std::string &other : spellings)
            EXPECT_TRUE(same_host(name, other)) << name << ' ' << other;
    }
}

TEST(HostName, IsAnotherWithAnotherLetter)
{
    for (const char *other : {"bucher.example", "buecher.example", "bücher.examples", "bücher", "xn--bcher-kvb.example",
                              "xn--bcher-kva", "вücher.example"})
        EXPECT_FALSE(same_host("bücher.example", other)) << other;
    EXPECT_FALSE(same_host("faß.de", "fass.de")) << "IDNA2008: ß is a letter of its own";
    EXPECT_TRUE(same_host("FAß.de", "xn--fa-hia.de"));
}

TEST(HostName, LosesOneFinalDot)
{
    EXPECT_EQ(without_final_dot("foo.com."), "foo.com");
    EXPECT_EQ(without_final_dot("foo.com.."), "foo.com.");
    EXPECT_EQ(without_final_dot("."), ".");
    EXPECT_EQ(without_final_dot(""), "");
    EXPECT_TRUE(same_host("foo.com.", "foo.com"));
    EXPECT_TRUE(same_host("localhost", "LOCALHOST."));
    EXPECT_FALSE(same_host("foo.com..", "foo.com"));
    EXPECT_FALSE(same_host("foo.com\u3002.", "foo.com"));
    EXPECT_FALSE(same_host(".", ""));
}

TEST(HostName, IsWhatAHostMayBeCalled)
{
    for (const std::string &name :
         {std::string{"localhost"}, std::string{"c2s"}, std::string{"foo.com"}, std::string{"foo.com."},
          std::string{"a_b.example"}, std::string{"127.0.0.1"}, std::string{"[::1]"}, std::string{"[2001:db8::7]"},
          std::string{"例え.テスト"}, std::string{"ab--cd.com"}, std::string(63, 'a'), std::string{"مثال.إختبار"}})
        EXPECT_TRUE(is_host_name(name)) << name;
    for (const std::string &name : {std::string{},
                                    std::string{"localhost:5222"},
                                    std::string{"a b"},
                                    std::string{" foo.com"},
                                    std::string{"foo.com\n"},
                                    std::string{"alice@foo.com"},
                                    std::string{"foo.com/r"},
                                    std::string{"."},
                                    std::string{".foo.com"},
                                    std::string{"foo..com"},
                                    std::string{"foo.com.."},
                                    std::string{"<foo>"},
                                    std::string{"a&b"},
                                    std::string{"::1"},
                                    std::string{"[::1"},
                                    std::string{"[]"},
                                    std::string{"[foo]"},
                                    std::string{"ü b.example"},
                                    std::string{"ü:5222"},
                                    std::string{"ü\uFF0Fb"},
                                    std::string{"ü\u2028b"},
                                    std::string{"xn--"},
                                    std::string{"xn--bcher-kvb.example"},
                                    std::string{"\u0300a.com"},
                                    std::string{"☃.net"},
                                    std::string{"*"},
                                    std::string(64, 'a'),
                                    std::string(1024, 'a'),
                                    std::string{"a\0b", 3},
                                    std::string{"ü\0b", 4},
                                    std::string{"\xFF.com"}})
        EXPECT_FALSE(is_host_name(name)) << name;
}

// The ids of services in jabberd configurations are addresses, too, and no domain names.
TEST(HostName, MayBeNoneAndStillBeCompared)
{
    EXPECT_TRUE(same_host("pthsock client to server manager", "Pthsock Client to server manager"));
    EXPECT_FALSE(same_host("pthsock client", "pthsockclient"));
    EXPECT_FALSE(same_host("foo_bar", "foobar"));
    EXPECT_TRUE(same_host("foo_bar", "FOO_bar"));
    EXPECT_TRUE(same_host("☃.net", "☃.NET"));
    EXPECT_TRUE(same_host("", ""));
    EXPECT_FALSE(same_host("ü:5222", "ü"));
}

// Found by a fuzzer: it decodes to U+0375 U+037A, and the second of these is in no name.
TEST(HostName, MayNotBeAnALabelOfLettersThatNoNameHas)
{
    for (const char *name : {"2k.xn--wvak", "2k.xn--wvaK.", "XN--WVAK"}) {
        EXPECT_EQ(host_in_ascii(name), std::nullopt) << name;
        EXPECT_FALSE(is_host_name(name)) << name;
    }
    EXPECT_TRUE(same_host("xn--wvak", "XN--wvak")) << "as any other id";
    EXPECT_FALSE(same_host("xn--wvak", "\u0375\u037a"));
}

} // namespace
} // namespace jabberd
