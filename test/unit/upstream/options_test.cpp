// SPDX-License-Identifier: LGPL-2.1-or-later
#include "upstream/config/options.h"

#include "routes_host.h"
#include "support/config_from_xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Reading {
    explicit Reading(const std::string &section)
    {
        const Config config{"<service id='sessions'>\n" + section + "\n</service>", "jabber.xml"};
        options = upstream::read_options(*host.host(), config.root());
        reports = host.reports();
    }

    RoutesHost host{"foo.com"};
    std::optional<upstream::Options> options;
    std::vector<std::string> reports;
};

std::string section(const std::string &content)
{
    return "<upstream xmlns='jabber:config:upstream'>" + content + "</upstream>";
}

TEST(UpstreamOptions, NeedAServerOnly)
{
    const Reading reading{section("<server>127.0.0.1:5222</server>")};
    EXPECT_THAT(reading.reports, IsEmpty());
    ASSERT_TRUE(reading.options);
    EXPECT_EQ(reading.options->server_name(), "127.0.0.1:5222");
    EXPECT_EQ(reading.options->proxy, upstream::ProxyProtocol::No);
    EXPECT_EQ(reading.options->tls, nullptr);
}

TEST(UpstreamOptions, HaveAServerOnAUnixSocket)
{
    const Reading reading{section("<server>unix:/run/c2s</server><proxy>v2</proxy>")};
    ASSERT_TRUE(reading.options);
    EXPECT_EQ(reading.options->server_name(), "/run/c2s");
    EXPECT_EQ(reading.options->proxy, upstream::ProxyProtocol::V2);
}

TEST(UpstreamOptions, MaySendClientsElsewhere)
{
    const Reading reading{section("<server>127.0.0.1:5222</server><see-other-host>b.foo.com:5223</see-other-host>")};
    ASSERT_TRUE(reading.options);
    EXPECT_EQ(reading.options->see_other_host, "b.foo.com:5223");
    for (const char *wrong : {"", "a b", "alice@foo.com", "foo.com/x"})
        EXPECT_FALSE(Reading{
            section(std::string{"<server>127.0.0.1:5222</server><see-other-host>"} + wrong + "</see-other-host>")}
                         .options)
            << wrong;
}

TEST(UpstreamOptions, SayWhatIsWrongAndWhatIsRight)
{
    const auto expect = [](const std::string &content, const std::string &words) {
        const Reading reading{section(content)};
        EXPECT_FALSE(reading.options) << content;
        EXPECT_THAT(reading.reports, ElementsAre(AllOf(HasSubstr("error in line 2: "), HasSubstr(words)))) << content;
    };
    const std::string server = "<server>127.0.0.1:5222</server>";
    expect("", "needs a <server>");
    expect("<server>foo.com:5222</server>", "no name is looked up");
    expect("<server>127.0.0.1</server>", "an address and a port");
    expect("<server>127.0.0.1:0</server>", "an address and a port");
    expect("<server>unix:</server>", "the path of a socket");
    expect("<server>unix:/" + std::string(200, 'x') + "</server>", "of at most");
    expect(server + "<proxy>v3</proxy>", "'no', 'v1' or 'v2'");
    expect(server + "<local>foo</local>", "an address of this machine");
    expect(server + "<patience>0</patience>", "a number from 1");
    expect(server + "<logins per-second='x'/>", "a number from 1");
    expect(server + "<tls/>", "needs name=");
}

TEST(UpstreamOptions, NeedASection)
{
    const Reading reading{""};
    EXPECT_FALSE(reading.options);
    EXPECT_THAT(reading.reports, ElementsAre(HasSubstr("needs a section <upstream")));
}

} // namespace
} // namespace jabberd::test
