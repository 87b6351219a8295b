// SPDX-License-Identifier: LGPL-2.1-or-later
// Mistakes are reported where they are, all of them, and say what would be right.
#include "config/reported.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(ConfigurationMistakes, AreReportedAllAtOnceWithTheirLine)
{
    const Reading read =
        reading("<threads>many</threads>\n<authtime>0</authtime>\n<host>a@b</host>\n<limits>\n<depth>257</depth></"
                "limits>\n<listen>localhost</listen>\n<listen port='x'/>");
    EXPECT_FALSE(read.options);
    EXPECT_THAT(read.reports,
                ElementsAre(StartsWith("error line 3 <threads>: "), StartsWith("error line 4 <authtime>: "),
                            StartsWith("error line 5 <host>: "), StartsWith("error line 7 <depth>: "),
                            StartsWith("error line 8 <listen>: "), StartsWith("error line 9 <listen>: ")));
}

TEST(ConfigurationMistakes, SayWhatWouldBeRight)
{
    EXPECT_THAT(reading("<threads>257</threads>").reports,
                ElementsAre(HasSubstr("<threads/> is '257'; it must be a number from 0 to 256")));
    EXPECT_THAT(reading("<listen>localhost</listen>").reports,
                ElementsAre(HasSubstr("'localhost' is not an IP address")));
}

TEST(ConfigurationMistakes, InNumbersAreNotOverlooked)
{
    for (const char *number :
         {"", "x", "5x", "5 5", "-1", "+1", "0x10", "1e3", "4294967296", "99999999999999999999", "1.0", "257"}) {
        const Reading read = reading(std::string{"<threads>"} + number + "</threads>");
        EXPECT_FALSE(read.options) << number;
        EXPECT_EQ(read.reports.size(), 1u) << number;
    }
}

TEST(ConfigurationMistakes, InOurNameAreNotOverlooked)
{
    for (const char *name :
         {"", "a@b", "a/b", "a b", "a&amp;b", "&lt;a", "a&apos;", "a&quot;", "localhost:5222", "a..b"})
        EXPECT_FALSE(reading(std::string{"<host>"} + name + "</host>").options) << name;
}

TEST(ConfigurationMistakes, InAWebSocketAreNotOverlooked)
{
    for (const char *path : {"", "ws", "/", "/.well-known/host-meta", "/ws?a", "/a b", "/&lt;", "/&apos;"})
        EXPECT_FALSE(reading(std::string{"<websocket path='"} + path + "'/>").options) << path;
    for (const char *address : {"", "foo.com", "https://foo.com/ws", "wss://foo.com/&quot;"})
        EXPECT_FALSE(reading(std::string{"<websocket address='"} + address + "'/>").options) << address;
    for (const char *origin : {"", "foo.com", "https://foo.com/", "https://", "https://*.foo.com", "://foo.com"})
        EXPECT_FALSE(reading(std::string{"<websocket><origin>"} + origin + "</origin></websocket>").options) << origin;
    EXPECT_THAT(reading("<websocket>\n<origin>chat.foo.com</origin></websocket>").reports,
                ElementsAre(HasSubstr("it must be what a browser says of a page, like https://chat.foo.com")));
}

TEST(ConfigurationMistakes, InSaslAndElsewhereAreNotOverlooked)
{
    EXPECT_THAT(reading("<sasl>maybe</sasl>").reports,
                ElementsAre(HasSubstr("<sasl/> is 'maybe'; it must be ask, yes or no")));
    EXPECT_THAT(reading("<plain>yes</plain>").reports,
                ElementsAre(HasSubstr("<plain/> is 'yes'; it must be tls or always")));
    for (const char *elsewhere : {"", "alice@foo.com", "foo.com/r", "foo com"})
        EXPECT_FALSE(reading(std::string{"<see-other-host>"} + elsewhere + "</see-other-host>").options) << elsewhere;
}

TEST(ConfigurationMistakes, UnknownOptionsAreWarnings)
{
    const Reading read = reading("<rate/>\n<limits><karma>5</karma></limits>");
    EXPECT_TRUE(read.options);
    EXPECT_THAT(read.reports, ElementsAre(AllOf(StartsWith("warning line 3 <rate>: "), HasSubstr("ignoring")),
                                          AllOf(StartsWith("warning line 4 <karma>: "), HasSubstr("<limits/>"))));
}

TEST(ConfigurationMistakes, WhatHasNoReaderIsAWarningThatSaysWhatIsNear)
{
    const std::pair<const char *, const char *> unread[] = {
        {"<listen host='127.0.0.1' port='1'/>", "line 3 <listen>: unknown attribute host='127.0.0.1' of <listen/>; it "
                                                "takes port, tls, proxy and text inside, ignoring"},
        {"<lisen port='1'/>", "line 3 <lisen>: unknown option <lisen/> in <c2s/>; did you mean <listen/>?, ignoring"},
        {"<tls require='no'><certificate file='a'/></tls>",
         "line 3 <tls>: unknown attribute require='no' of <tls/>; did you mean 'required'?, ignoring"},
        {"<tls><certificate file='a' keys='b'/></tls>",
         "line 3 <certificate>: unknown attribute keys='b' of <certificate/>; did you mean 'key'?, ignoring"},
        {"<limits><stanza bytes='20000'>20000</stanza></limits>", "line 3 <stanza>: unknown attribute bytes="},
        {"<limits threads='2'/>", "line 3 <limits>: unknown attribute threads='2' of <limits/>"},
        {"<noregister>no</noregister>", "line 3 <noregister>: the text 'no' in <noregister/> has no meaning there"},
        {"<depth>100</depth>", "line 3 <depth>: unknown option <depth/> in <c2s/>"},
        {"<authtime>5</authtime>\n<authtime>6</authtime>", "line 3 <authtime>: <authtime/> is there again in line 4"},
        {"<alias to='a.com'>b.com</alias>\n<alias to='c.com'>B.com</alias>", "line 4 <alias>: one more <alias/> for B"},
        {"<karma/>", "line 3 <karma>: unknown option <karma/> in <c2s/>"},
        {"<sasl xmlns='urn:x'>no</sasl>", "line 3 <sasl>: <sasl/> in <c2s/> is in the namespace 'urn:x'"},
    };
    for (const auto &[options, report] : unread) {
        const Reading read = reading(options);
        EXPECT_TRUE(read.options) << options;
        EXPECT_THAT(read.reports, ElementsAre(StartsWith(std::string{"warning "} + report))) << options;
    }
    EXPECT_THAT(reading("<tls require='no'><certificate file='a'/></tls>").options->tls.required, true);
}

TEST(ConfigurationMistakes, OfTwoSectionsOneIsReadAndTheOtherTold)
{
    const std::string section = "<c xmlns='jabber:config:socket-manager'><listen>127.0.0.1</listen></c>\n";
    EXPECT_THAT(Reading{section + section}.reports, ElementsAre(StartsWith("warning line 3 <c>: one more section")));
    EXPECT_THAT(Reading{"<c xmlns='jabber:config:pth-csock'/>\n" + section}.reports,
                ElementsAre(StartsWith("warning line 2 <c>: one more section")));
}

TEST(ConfigurationMistakes, APortIsOpenedOnceAndTlsIsConfiguredOnce)
{
    const std::pair<const char *, const char *> doubled[] = {
        {"<listen>127.0.0.1</listen>", "error line 3 <listen>: 127.0.0.1:5222 is listened on already"},
        {"<listen port='5222' tls='direct'>127.0.0.1</listen><tls><certificate file='a'/></tls>",
         "error line 3 <listen>: 127.0.0.1:5222 is listened on already"},
        {"<tls><certificate file='a'/></tls>\n<tls required='no'><certificate file='b'/></tls>",
         "error line 4 <tls>: one more <tls/>, beside that in line 3"},
    };
    for (const auto &[options, report] : doubled) {
        const Reading read = reading(options);
        EXPECT_FALSE(read.options) << options;
        EXPECT_THAT(read.reports, ElementsAre(StartsWith(report))) << options;
    }
}

TEST(ConfigurationMistakes, ASectionNeedsAPort)
{
    const Reading read{"<c2s xmlns='jabber:config:socket-manager'/>"};
    EXPECT_FALSE(read.options);
    EXPECT_THAT(read.reports,
                ElementsAre(AllOf(StartsWith("error line 2 <c2s>: "), HasSubstr("<listen port='5222'/>"))));
}

TEST(ConfigurationMistakes, AServiceNeedsASection)
{
    const Reading read{"<c2s xmlns='urn:x'/>"};
    EXPECT_FALSE(read.options);
    EXPECT_THAT(read.reports,
                ElementsAre(AllOf(StartsWith("error line 1 <service>: "), HasSubstr("jabber:config:socket-manager"))));
}

TEST(ConfigurationMistakes, InTlsAreNotOverlooked)
{
    const std::string certificate = "<certificate file='a.pem'/>";
    const std::pair<std::string, const char *> mistakes[] = {
        {"<tls/>", "error line 3 <tls>: <tls/> has no certificate"},
        {"<tls>\n<certificate/></tls>", "error line 4 <certificate>: <certificate/> names no file"},
        {"<tls>\n<certificate file='a' key='b' self-signed='c'/></tls>", "error line 4 <certificate>: a self-signed"},
        {"<tls required='maybe'>" + certificate + "</tls>", "error line 3 <tls>: required is 'maybe'"},
        {"<tls>" + certificate + "</tls>\n<listen tls='yes'/>", "error line 4 <listen>: tls is 'yes'"},
        {"<listen tls='direct'/>", "error line 3 <listen>: a port for TLS needs a certificate"},
    };
    for (const auto &[options, report] : mistakes) {
        const Reading read = reading(options);
        EXPECT_FALSE(read.options) << options;
        EXPECT_THAT(read.reports, ElementsAre(StartsWith(report))) << options;
    }
}

TEST(ConfigurationMistakes, AboutProxiesAreNotOverlooked)
{
    const std::pair<std::string, const char *> mistakes[] = {
        {"\n<listen port='1' proxy='required'/>", "error line 4 <listen>: proxy='required' believes"},
        {"<listen port='1' proxy='yes'/>", "error line 3 <listen>: proxy is 'yes'; it must be 'required'"},
        {"<listen port='1' proxy='required'/>\n<trusted/>", "error line 4 <trusted>: <trusted/> has the address ''"},
    };
    for (const auto &[options, report] : mistakes) {
        const Reading read = reading(options);
        EXPECT_FALSE(read.options) << options;
        EXPECT_THAT(read.reports, ElementsAre(StartsWith(report))) << options;
    }
    for (const char *network : {"localhost", "192.0.2.0/", "/24", "192.0.2.0/33", "192.0.2.0/255.0.255.0", "::/129",
                                "192.0.2.0/24/1", "*", "<ip>192.0.2.0</ip><mask>x</mask>", "<mask>255.0.0.0</mask>"}) {
        const Reading read =
            reading("<listen port='1' proxy='required'/><trusted>" + std::string{network} + "</trusted>");
        EXPECT_THAT(read.reports, ElementsAre(StartsWith("error line 3 <trusted>: "))) << network;
    }
}

TEST(ConfigurationMistakes, ProxiesThatNoPortIsForAreAWarning)
{
    const Reading read = reading("\n<trusted>192.0.2.1</trusted><trusted>192.0.2.2</trusted>");
    EXPECT_TRUE(read.options);
    EXPECT_THAT(read.reports, ElementsAre(AllOf(StartsWith("warning line 4 <trusted>: no port is for the proxies"),
                                                HasSubstr("ignoring"))));
}

TEST(ConfigurationMistakes, OfOnePortAreReportedOnce)
{
    const Reading read{"<c2s xmlns='jabber:config:socket-manager'><listen port='99999'/></c2s>"};
    EXPECT_FALSE(read.options);
    EXPECT_EQ(read.reports.size(), 1u) << testing::PrintToString(read.reports);
}

TEST(ConfigurationMistakes, OfStreamManagement)
{
    for (const char *wrong : {"seconds='-1'", "seconds='86401'", "stanzas='9'", "stanzas='x'", "bytes='9999'"})
        EXPECT_FALSE(reading(std::string{"<stream-management "} + wrong + "/>").options) << wrong;
    EXPECT_THAT(reading("<stream-management>\nmaybe</stream-management>").reports,
                ElementsAre(HasSubstr("it must be 'yes' or 'no'")));
}

} // namespace
} // namespace jabberd::test
