// SPDX-License-Identifier: LGPL-2.1-or-later
// The sections that people have had since jabberd 1.1 and 1.4.
#include "config/reported.h"

#include <gmock/gmock.h>
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

// A section of 1.4 with a port, and these options from line 3 on; and what stands beside it in the service.
Reading classic(const std::string &options, const std::string &beside = "")
{
    return Reading{"<c xmlns='jabber:config:pth-csock'><ip port='1'>127.0.0.1</ip>\n" + options + "</c>\n" + beside};
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

TEST(ClassicSections, Of16HaveOneAddressForBothFamilies)
{
    const std::string xmlns = "jabber:config:pth-csock";
    const std::vector<std::string> both{"0.0.0.0:5222", "[::]:5222"};
    EXPECT_EQ(listeners(xmlns, "<ip port='5222'>::</ip>"), both);
    EXPECT_EQ(listeners(xmlns, "<ip>::</ip>"), both);
    EXPECT_EQ(listeners(xmlns, "<ip port='5222'>0.0.0.0</ip>"), std::vector<std::string>{"0.0.0.0:5222"});
    EXPECT_EQ(listeners(xmlns, "<ip port='5222'>::1</ip>"), std::vector<std::string>{"[::1]:5222"});
    EXPECT_EQ(listeners(xmlns, "<tls port='5223'>::</tls><tls><certificate file='a'/></tls>"),
              (std::vector<std::string>{"0.0.0.0:5223 tls", "[::]:5223 tls"}));
    EXPECT_EQ(listeners(config::own_section, "<listen>::</listen>"), std::vector<std::string>{"[::]:5222"})
        << "in ours it is IPv6's alone";
}

TEST(ClassicSections, Of12ListenWithoutBeingTold)
{
    const std::vector<std::string> both{"0.0.0.0:5222", "[::]:5222"};
    EXPECT_EQ(listeners("jabber:config:pth-csock", ""), both);
    EXPECT_EQ(listeners("jabber:config:pth-csock", "<authtime>5</authtime><karma><max>10</max></karma>"), both);
    EXPECT_EQ(listeners("jabberd:pth-csock:config", "<host>c2s</host>"), both);
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

TEST(ClassicSections, Of16ListenForNothingButTlsByAnotherName)
{
    const std::string xmlns = "jabber:config:pth-csock";
    const std::string ip = "<ip port='5222'>127.0.0.1</ip>", own = "<tls><certificate file='a.pem'/></tls>";
    EXPECT_EQ(listeners(xmlns, ip + "<tls port='5223'>127.0.0.1</tls><tls>127.0.0.2</tls><tls port='9'/>" + own),
              (std::vector<std::string>{"127.0.0.1:5222", "127.0.0.1:5223 tls", "127.0.0.2:5223 tls", "0.0.0.0:9 tls",
                                        "[::]:9 tls"}));
    EXPECT_EQ(listeners(xmlns, ip + "<tls port='5223'>127.0.0.1</tls>"), std::vector<std::string>{"127.0.0.1:5222"})
        << "no certificate: a warning";
    EXPECT_EQ(listeners(xmlns, ip + "<tls/>").size(), 1u) << "an error: neither";
    EXPECT_EQ(listeners(xmlns, ip + "<tls port='1'><certificate file='a.pem'/></tls>").size(), 1u) << "an error: both";
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
    const Reading read = classic("<authtime>30</authtime>\n<rate points='5' time='25'/>\n<karma/><noregister/>");
    ASSERT_TRUE(read.options);
    EXPECT_EQ(read.options->authtime, std::chrono::seconds{30});
    EXPECT_FALSE(read.options->advertise_registration);
    EXPECT_EQ(read.reports, std::vector<std::string>{});
}

TEST(ClassicSections, MayHaveNoEndToTheLoginAndNoHeartbeat)
{
    for (const char *never : {"<authtime/><heartbeat/>", "<authtime>0</authtime><heartbeat>0</heartbeat>"}) {
        const Reading read = classic(never);
        ASSERT_TRUE(read.options) << testing::PrintToString(read.reports);
        EXPECT_EQ(read.options->authtime.count(), 0);
        EXPECT_EQ(read.options->heartbeat.count(), 0);
    }
    EXPECT_EQ(classic("").options->authtime, std::chrono::seconds{60}) << "as in ours";
    EXPECT_EQ(classic("<authtime>soon</authtime>").reports.size(), 1u);
    EXPECT_EQ(reading("<authtime/>").reports.size(), 1u) << "in ours a login must end";
}

TEST(ClassicSections, LimitBytesByKarma)
{
    const auto bytes = [](const std::string &karma) {
        return classic("<karma>" + karma + "</karma>").options->limits.bytes;
    };
    const net::Rate stock = bytes("<init>10</init><max>10</max><inc>1</inc><dec>1</dec><penalty>-6</penalty>"
                                  "<restore>10</restore>");
    EXPECT_DOUBLE_EQ(stock.per_second, 1000 / 3.0);
    EXPECT_EQ(stock.burst, 5500u);
    const net::Rate medium = bytes("<heartbeat>2</heartbeat><init>50</init><max>50</max><inc>4</inc><dec>1</dec>"
                                   "<penalty>-5</penalty><restore>50</restore><resetmeter>1</resetmeter>");
    EXPECT_DOUBLE_EQ(medium.per_second, 127500 / 6.0) << "two ticks of silence after each burst";
    EXPECT_EQ(medium.burst, 127500u);
    EXPECT_EQ(bytes("<dec>1</dec><penalty>5</penalty>").burst, 5500u) << "a penalty is one, with and without its sign";
    EXPECT_EQ(bytes("").per_second, 0) << "nothing lowers it unless it is configured";
    EXPECT_EQ(bytes("<max/><inc/><dec>0</dec>").per_second, 0);
}

TEST(ClassicSections, LimitAttemptsByRate)
{
    const auto attempts = [](const char *rate) { return classic(rate).options->limits.attempts; };
    EXPECT_EQ(attempts("<rate time='25' points='5'/>").per_second, 0.2);
    EXPECT_EQ(attempts("<rate time='25' points='5'/>").burst, 4u) << "and one that empties it";
    EXPECT_EQ(attempts("<rate time='0' points='5'/>").per_second, 0) << "no limit";
    EXPECT_EQ(attempts("").per_second, config::Limits{}.attempts.per_second);
}

TEST(ClassicSections, AreOverruledByOurLimits)
{
    const Reading read = classic("<limits><bytes-per-second>1000</bytes-per-second></limits><karma><dec>1</dec></karma>"
                                 "<rate time='1' points='1'/>");
    ASSERT_TRUE(read.options);
    EXPECT_EQ(read.options->limits.bytes.per_second, 1000);
    EXPECT_EQ(read.options->limits.attempts.per_second, 1);
}

TEST(ClassicSections, TellMistakesAtTheirLine)
{
    const std::pair<const char *, const char *> mistakes[] = {
        {"\n<karma>\n<max>lots</max></karma>", "error line 5 <max>: <max/> in <karma/> is 'lots'"},
        {"<karma><inc>0</inc></karma>", "error line 3 <inc>: "},
        {"<karma><dec>-1</dec></karma>", "error line 3 <dec>: "},
        {"<karma><penalty>--1</penalty></karma>", "error line 3 <penalty>: "},
        {"<karma><colour>1</colour></karma>", "warning line 3 <colour>: unknown option <colour/> in <karma/>"},
        {"<rate time='25'/>", "error line 3 <rate>: points of <rate/> is ''"},
        {"<rate time='x' points='5'/>", "error line 3 <rate>: time of <rate/> is 'x'"},
        {"<alias>foo.net</alias>", "error line 3 <alias>: "},
        {"<alias to='a@foo.com'>foo.net</alias>", "error line 3 <alias>: "},
        {"<alias to='foo.com'>a foo.net</alias>", "error line 3 <alias>: "},
        {"<descriptors/>", "error line 3 <descriptors>: "},
        {"<descriptors from='-1'/>", "error line 3 <descriptors>: "},
        {"<colour/>", "warning line 3 <colour>: unknown option <colour/> in <c/>"},
        {"<control>run/control</control>", "warning line 3 <control>: "},
    };
    for (const auto &[options, report] : mistakes) {
        const Reading read = classic(options);
        EXPECT_THAT(read.reports, testing::ElementsAre(testing::StartsWith(report))) << options;
        EXPECT_EQ(read.options.has_value(), std::string_view{report}.starts_with("warning")) << options;
    }
}

TEST(ClassicSections, KnowOtherNamesOfAHost)
{
    const config::Options options =
        *classic("<alias to='foo.com'>foo.net</alias><alias to='bar.com'>Bar.Net</alias>").options;
    EXPECT_EQ(options.real_host("FOO.net"), "foo.com");
    EXPECT_EQ(options.real_host("bar.net"), "bar.com");
    EXPECT_EQ(options.real_host("foo.com"), "foo.com");
    EXPECT_EQ(options.real_host("other.org"), "other.org");
    EXPECT_EQ(options.real_host(""), "");
    const config::Options all = *reading("<alias to='foo.com'/><alias to='bar.com'>bar.com</alias>").options;
    EXPECT_EQ(all.real_host("other.org"), "foo.com");
    EXPECT_EQ(all.real_host(""), "foo.com");
    EXPECT_EQ(all.real_host("bar.com"), "bar.com") << "an alias of itself is left alone";
}

TEST(ClassicSections, LeaveLowDescriptorsToTheHost)
{
    EXPECT_EQ(classic("").options->first_descriptor, 0);
    EXPECT_EQ(classic("<descriptors from='1024'/>").options->first_descriptor, 1024);
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
