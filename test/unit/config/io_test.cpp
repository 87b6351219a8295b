// SPDX-License-Identifier: LGPL-2.1-or-later
// The <io/> that jabberd 1.4 and 1.6 have for all their sockets, beside a section of ours or theirs.
#include "config/reported.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// One of its elements a line, from line 3 on.
Reading beside(const std::string &io, const std::string &options = "", const char *xmlns = "jabber:config:pth-csock")
{
    return Reading{"<io>\n" + io + "</io><c xmlns='" + xmlns + "'><ip port='1'>127.0.0.1</ip>" + options + "</c>"};
}

std::vector<std::string> certificates(const Reading &read)
{
    std::vector<std::string> all;
    for (const config::CertificateFiles &files : read.options->tls.certificates) {
        std::string one = files.certificate + (files.key.empty() ? "" : "+" + files.key);
        for (const std::string &name : files.also_for)
            one += " " + name;
        all.push_back(one);
    }
    return all;
}

net::SocketAddress from(std::string_view address)
{
    return *net::SocketAddress::parse(address, 1);
}

TEST(Io, Of14HasCertificatesByAddress)
{
    const Reading read =
        beside("<ssl><key ip='192.0.2.1'>/etc/one.pem</key><key ip='2001:DB8:0::1'>two.pem</key></ssl>",
               "<ssl port='5223'>192.0.2.1</ssl>");
    ASSERT_TRUE(read.options) << testing::PrintToString(read.reports);
    EXPECT_THAT(certificates(read), ElementsAre("/etc/one.pem 192.0.2.1", "two.pem 2001:db8::1"));
    EXPECT_FALSE(read.options->tls.required) << "it never was";
    ASSERT_EQ(read.options->listen.size(), 2u);
    EXPECT_TRUE(read.options->listen[1].direct_tls);
    EXPECT_EQ(read.reports, std::vector<std::string>{});
}

TEST(Io, Of16HasCertificatesByDomain)
{
    const Reading read = beside("<tls><dhparams type='pem'>d</dhparams><cacertfile>c</cacertfile>"
                                "<credentials><domain>foo.com</domain><pem private-key='foo.key'>foo.pem</pem>"
                                "<ca type='pem'>ca</ca></credentials>"
                                "<credentials><default/><domain>bar.com</domain><domain>192.0.2.1</domain>"
                                "<pem>bar.pem</pem></credentials></tls>");
    ASSERT_TRUE(read.options) << testing::PrintToString(read.reports);
    EXPECT_THAT(certificates(read), ElementsAre("bar.pem bar.com 192.0.2.1", "foo.pem+foo.key foo.com"))
        << "the default first";
    EXPECT_EQ(read.reports, std::vector<std::string>{});
}

TEST(Io, Of160HasKeysInItsTls)
{
    EXPECT_THAT(certificates(beside("<tls><key id='foo.com' private-key='k'>c</key><key id='default'>d</key></tls>")),
                ElementsAre("d", "c+k foo.com"));
}

TEST(Io, GivesWayToCertificatesOfOurs)
{
    const Reading read =
        beside("<ssl><key ip='192.0.2.1'>one.pem</key></ssl>", "<tls><certificate file='ours.pem'/></tls>");
    EXPECT_THAT(certificates(read), ElementsAre("ours.pem"));
    EXPECT_TRUE(read.options->tls.required);
}

TEST(Io, LimitsWhoHasNoLimitsOfItsOwn)
{
    const std::string io = "<rate points='5' time='25'/><karma><dec>1</dec></karma>";
    for (const char *xmlns : {"jabber:config:pth-csock", "jabberd:pth-csock:config"}) {
        const config::Limits limits = beside(io, "<listen>127.0.0.1:5</listen>", xmlns).options->limits;
        EXPECT_EQ(limits.attempts.per_second, 0.2) << xmlns;
        EXPECT_EQ(limits.bytes.burst, 5500u) << xmlns;
    }
    const config::Limits own =
        beside(io, "<rate points='1' time='1'/><karma><dec>1</dec><max>20</max></karma>").options->limits;
    EXPECT_EQ(own.attempts.per_second, 1);
    EXPECT_EQ(own.bytes.burst, 21000u);
    const config::Limits ours =
        beside(io, "<limits><bytes-per-second>7</bytes-per-second></limits>", "jabber:config:socket-manager")
            .options->limits;
    EXPECT_EQ(ours.bytes.per_second, 7);
    EXPECT_EQ(ours.attempts.per_second, 0.2);
}

TEST(Io, SaysWhoMayConnect)
{
    const Reading read = beside("<allow><ip>192.0.2.0</ip><mask>255.255.255.0</mask></allow><allow><ip>::1</ip></allow>"
                                "<deny><ip>192.0.2.64</ip><mask>26</mask></deny><deny>192.0.2.32/27</deny>");
    ASSERT_TRUE(read.options) << testing::PrintToString(read.reports);
    EXPECT_TRUE(read.options->access.admits(from("192.0.2.1")));
    EXPECT_TRUE(read.options->access.admits(from("::1")));
    EXPECT_FALSE(read.options->access.admits(from("192.0.2.65")));
    EXPECT_FALSE(read.options->access.admits(from("192.0.2.33")));
    EXPECT_FALSE(read.options->access.admits(from("198.51.100.1")));
    EXPECT_TRUE(beside("").options->access.admits(from("198.51.100.1")));
}

TEST(Io, NamesWhatIsNotDoneHere)
{
    const Reading read = beside("<bounce>http://example.com/</bounce>\n<bind>192.0.2.1</bind>\n<colour/>\n<tls>\n"
                                "<credentials>\n<pem>a</pem>\n<protocols>TLS1.0</protocols>\n<pem>b</pem>"
                                "</credentials>\n<colour/></tls>");
    EXPECT_TRUE(read.options);
    EXPECT_THAT(read.reports,
                ElementsAre(AllOf(StartsWith("warning line 3 <bounce>: "), HasSubstr("ignoring")),
                            StartsWith("warning line 5 <colour>: unknown option <colour/> in <io/>"),
                            AllOf(StartsWith("warning line 9 <protocols>: "), HasSubstr("ignoring")),
                            AllOf(StartsWith("warning line 10 <pem>: "), HasSubstr("the first, ignoring")),
                            StartsWith("warning line 11 <colour>: unknown option <colour/> in <tls/>")));
}

TEST(Io, TellsMistakesAtTheirLine)
{
    const std::pair<const char *, const char *> mistakes[] = {
        {"\n<allow><ip>localhost</ip></allow>", "error line 4 <allow>: "},
        {"<deny/>", "error line 3 <deny>: "},
        {"<deny><ip>192.0.2.0</ip><mask>255.0.255.0</mask></deny>", "error line 3 <deny>: "},
        {"<ssl>\n<key ip='192.0.2.1'/></ssl>", "error line 4 <key>: <key/> names no file"},
        {"<tls><credentials>\n<pem/></credentials></tls>", "error line 4 <pem>: <pem/> names no file"},
        {"<karma><max>x</max></karma>", "error line 3 <max>: "},
        {"<rate/>", "error line 3 <rate>: "},
    };
    for (const auto &[io, report] : mistakes) {
        const Reading read = beside(io);
        EXPECT_FALSE(read.options) << io;
        EXPECT_THAT(read.reports.front(), StartsWith(report)) << io;
    }
}

TEST(Io, IsNoSectionThatIsCalledSo)
{
    const Reading read{"<io xmlns='jabber:config:pth-csock'><ip port='1'>127.0.0.1</ip></io>"};
    EXPECT_TRUE(read.options);
    EXPECT_EQ(read.reports, std::vector<std::string>{});
}

} // namespace
} // namespace jabberd::test
