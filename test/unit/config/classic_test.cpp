// SPDX-License-Identifier: LGPL-2.1-or-later
// The sections that people have had since jabberd 1.1 and 1.4.
#include "config/reported.h"

#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

// The listeners of a section of that namespace; the reports when there are no options.
std::vector<std::string> listeners(const std::string &xmlns, const std::string &elements)
{
    const Reading read{"<pthcsock xmlns='" + xmlns + "'>" + elements + "</pthcsock>"};
    if (!read.options)
        return read.reports;
    std::vector<std::string> all;
    for (const config::Listen &listen : read.options->listen)
        all.push_back(listen.address.to_string() + (listen.direct_tls ? " tls" : ""));
    return all;
}

TEST(ClassicSections, Of11ListenToAPortOrAnAddressWithOne)
{
    const std::string xmlns = "jabberd:pth-csock:config";
    EXPECT_EQ(listeners(xmlns, "<listen>5222</listen>"), (std::vector<std::string>{"0.0.0.0:5222", "[::]:5222"}));
    EXPECT_EQ(listeners(xmlns, "<listen>127.0.0.1:5225</listen>"), std::vector<std::string>{"127.0.0.1:5225"});
    EXPECT_EQ(listeners(xmlns, "<listen>*:5225</listen>"), (std::vector<std::string>{"0.0.0.0:5225", "[::]:5225"}));
    EXPECT_EQ(listeners(xmlns, "<listen>[::1]:5225</listen>"), std::vector<std::string>{"[::1]:5225"});
    EXPECT_EQ(listeners(xmlns, "<listen port='1'>127.0.0.1</listen>"), std::vector<std::string>{"127.0.0.1:1"});
}

TEST(ClassicSections, Of14ListenToAnIp)
{
    const std::string xmlns = "jabber:config:pth-csock";
    EXPECT_EQ(listeners(xmlns, "<ip port='5222'/>"), (std::vector<std::string>{"0.0.0.0:5222", "[::]:5222"}));
    EXPECT_EQ(listeners(xmlns, "<ip port='5222'>127.0.0.1</ip>"), std::vector<std::string>{"127.0.0.1:5222"});
}

TEST(ClassicSections, Of14ListenForNothingButTls)
{
    const std::string xmlns = "jabber:config:pth-csock";
    const std::string ip = "<ip port='5222'>127.0.0.1</ip>", ssl = "<ssl port='5223'>127.0.0.1</ssl>";
    EXPECT_EQ(listeners(xmlns, ip + ssl + "<tls><certificate file='a.pem'/></tls>"),
              (std::vector<std::string>{"127.0.0.1:5222", "127.0.0.1:5223 tls"}));
    EXPECT_EQ(listeners(xmlns, ip + ssl), std::vector<std::string>{"127.0.0.1:5222"})
        << "its certificate was in another section: a warning";
    EXPECT_EQ(listeners(xmlns, ssl).size(), 2u) << "reports: the warning, and that nothing is left to listen on";
}

TEST(ClassicSections, SayWhichPortIsNone)
{
    for (const char *listen : {"127.0.0.1", ":x", "127.0.0.1:65536", "127.0.0.1:-1", "::1"}) {
        const auto reports = listeners("jabberd:pth-csock:config", std::string{"<listen>"} + listen + "</listen>");
        ASSERT_EQ(reports.size(), 1u) << listen << testing::PrintToString(reports);
        EXPECT_TRUE(reports[0].starts_with("error line 2 <listen>: ")) << listen << ": " << reports[0];
    }
}

TEST(ClassicSections, DoNotMindOptionsOfTheirTime)
{
    const Reading read{"<pthcsock xmlns='jabber:config:pth-csock'>\n<authtime>30</authtime>\n<rate points='5' "
                       "time='25'/>\n<karma/>\n<ip port='5222'>127.0.0.1</ip></pthcsock>"};
    ASSERT_TRUE(read.options);
    EXPECT_EQ(read.options->authtime, std::chrono::seconds{30});
    EXPECT_EQ(read.reports.size(), 2u) << testing::PrintToString(read.reports);
}

TEST(ClassicSections, GiveWayToOurs)
{
    const Reading read{"<a xmlns='jabber:config:pth-csock'><ip port='1'>127.0.0.1</ip></a><b "
                       "xmlns='jabber:config:socket-manager'><listen port='2'>127.0.0.1</listen></b>"};
    ASSERT_TRUE(read.options);
    ASSERT_EQ(read.options->listen.size(), 1u);
    EXPECT_EQ(read.options->listen[0].address.port(), 2);
}

} // namespace
} // namespace jabberd::test
