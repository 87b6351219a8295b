// SPDX-License-Identifier: LGPL-2.1-or-later
// What is configured arrives; what is not has its default.
#include "config/reported.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace jabberd::test {
namespace {

std::vector<std::string> listeners(const Reading &reading)
{
    std::vector<std::string> all;
    if (reading.options)
        for (const config::Listen &listen : reading.options->listen)
            all.push_back(listen.address.to_string() + (listen.direct_tls ? " tls" : ""));
    return all;
}

TEST(Options, HaveDefaults)
{
    const Reading read = reading("");
    ASSERT_TRUE(read.options) << testing::PrintToString(read.reports);
    EXPECT_EQ(read.reports, std::vector<std::string>{});
    EXPECT_EQ(read.options->host, "c2s");
    EXPECT_EQ(read.options->threads, 0u);
    EXPECT_EQ(read.options->authtime, std::chrono::seconds{60});
    EXPECT_EQ(read.options->stanzatime, std::chrono::seconds{300});
    EXPECT_EQ(read.options->limits.stanza_before_login.bytes, 10000u);
    EXPECT_EQ(read.options->limits.stanza_before_login.elements, 32u);
}

TEST(Options, ArriveAsConfigured)
{
    const Reading read = reading("<host>sockets.foo.com</host><threads>3</threads><authtime>7</authtime><heartbeat>0</"
                                 "heartbeat><stanzatime>30</stanzatime><attempts>1</attempts>");
    ASSERT_TRUE(read.options) << testing::PrintToString(read.reports);
    EXPECT_EQ(read.options->host, "sockets.foo.com");
    EXPECT_EQ(read.options->threads, 3u);
    EXPECT_EQ(read.options->authtime, std::chrono::seconds{7});
    EXPECT_EQ(read.options->heartbeat, std::chrono::seconds{0});
    EXPECT_EQ(read.options->stanzatime, std::chrono::seconds{30});
    EXPECT_EQ(read.options->attempts, 1u);
}

TEST(Options, SayWhatTheSessionManagerSpeaksAndWhereElseToGo)
{
    EXPECT_EQ(reading("").options->sasl, config::SessionManagerSasl::Ask);
    EXPECT_EQ(reading("<sasl>ask</sasl>").options->sasl, config::SessionManagerSasl::Ask);
    EXPECT_EQ(reading("<sasl>yes</sasl>").options->sasl, config::SessionManagerSasl::Yes);
    EXPECT_EQ(reading("<sasl>no</sasl>").options->sasl, config::SessionManagerSasl::No);
    EXPECT_FALSE(reading("").options->plain_in_the_clear);
    EXPECT_FALSE(reading("<plain>tls</plain>").options->plain_in_the_clear);
    EXPECT_TRUE(reading("<plain>always</plain>").options->plain_in_the_clear);
    for (const char *elsewhere : {"other.foo.com", "other.foo.com:5222", "192.0.2.7", "[2001:db8::7]:5222"})
        EXPECT_EQ(reading(std::string{"<see-other-host>"} + elsewhere + "</see-other-host>").options->see_other_host,
                  elsewhere);
}

TEST(Options, OfAWebSocketAreItsPathItsAddressAndItsOrigins)
{
    EXPECT_FALSE(reading("").options->websocket);
    const auto usual = reading("<websocket/>").options->websocket;
    ASSERT_TRUE(usual);
    EXPECT_EQ(usual->path, "/xmpp-websocket");
    EXPECT_TRUE(usual->address.empty() && usual->origins.empty());
    const auto own = reading("<websocket path='/ws' address='wss://foo.com/ws'><origin>https://foo.com</origin>"
                             "<origin>*</origin></websocket>")
                         .options->websocket;
    ASSERT_TRUE(own);
    EXPECT_EQ(own->path, "/ws");
    EXPECT_EQ(own->address, "wss://foo.com/ws");
    EXPECT_EQ(own->origins, (std::vector<std::string>{"https://foo.com", "*"}));
}

TEST(Options, LimitsArriveAsConfigured)
{
    const Reading read =
        reading("<limits><stanza>20000</stanza><stanza-before-login>2000</stanza-before-login><elements>200</"
                "elements><attributes>20</attributes><depth>256</depth><queue>10000</queue>"
                "<memory>4294967295</memory><connections>5</connections><connections-per-address>0</"
                "connections-per-address></limits>");
    ASSERT_TRUE(read.options) << testing::PrintToString(read.reports);
    const config::Limits &limits = read.options->limits;
    EXPECT_EQ(limits.stanza.bytes, 20000u);
    EXPECT_EQ(limits.stanza_before_login.bytes, 2000u);
    EXPECT_EQ(limits.stanza.elements, 200u);
    EXPECT_EQ(limits.stanza.attributes, 20u);
    EXPECT_EQ(limits.stanza.depth, 256u);
    EXPECT_EQ(limits.queue, 10000u);
    EXPECT_EQ(limits.memory, 4294967295u);
    EXPECT_EQ(limits.connections, 5u);
    EXPECT_EQ(limits.connections_per_address, 0u);
}

TEST(Options, RatesBringTheirBurstAlong)
{
    const config::Limits defaults;
    const Reading twice = reading("<limits><bytes-per-second>262144</bytes-per-second><stanzas-per-second>0</"
                                  "stanzas-per-second><attempts-per-second>1</attempts-per-second></limits>");
    ASSERT_TRUE(twice.options);
    EXPECT_EQ(twice.options->limits.bytes.per_second, 262144u);
    EXPECT_EQ(twice.options->limits.bytes.burst, 2 * defaults.bytes.burst);
    EXPECT_EQ(twice.options->limits.stanzas.per_second, 0u);
    EXPECT_EQ(twice.options->limits.attempts.burst, defaults.attempts.burst / defaults.attempts.per_second);
    EXPECT_LE(reading("<limits><bytes-per-second>1073741824</bytes-per-second></limits>").options->limits.bytes.burst,
              1u << 30);
}

TEST(Options, TheLastOfTwoCounts)
{
    const Reading read =
        reading("<limits><attempts-per-second>0</attempts-per-second></limits><limits><attempts-per-second>5</"
                "attempts-per-second></limits><threads>1</threads><threads>2</threads>");
    ASSERT_TRUE(read.options);
    EXPECT_EQ(read.options->limits.attempts.per_second, 5u);
    EXPECT_EQ(read.options->threads, 2u);
}

TEST(Options, SayWhichProxiesAreBelieved)
{
    const Reading read =
        reading("<listen port='1' proxy='required'/><listen port='2' proxy='required' tls='direct'>::1</listen>"
                "<tls><certificate file='a.pem'/></tls><trusted>192.0.2.0/24</trusted><trusted>2001:db8::7</trusted>"
                "<trusted><ip>198.51.100.0</ip><mask>255.255.255.0</mask></trusted>");
    ASSERT_TRUE(read.options) << testing::PrintToString(read.reports);
    EXPECT_EQ(read.reports, std::vector<std::string>{});
    std::vector<std::string> proxied;
    for (const config::Listen &listen : read.options->listen) {
        if (listen.proxied)
            proxied.push_back(listen.address.to_string() + (listen.direct_tls ? " tls" : ""));
    }
    EXPECT_EQ(proxied, (std::vector<std::string>{"0.0.0.0:1", "[::]:1", "[::1]:2 tls"}));
    const auto is_trusted = [&](const char *address) {
        return std::ranges::any_of(read.options->trusted, [&](const net::Network &network) {
            return network.contains(*net::SocketAddress::parse(address, 1));
        });
    };
    EXPECT_TRUE(is_trusted("192.0.2.255") && is_trusted("2001:db8::7") && is_trusted("198.51.100.1"));
    EXPECT_FALSE(is_trusted("192.0.3.0") || is_trusted("2001:db8::8") || is_trusted("198.51.101.1"));
}

TEST(Options, AreCalledAfterTheHostsNameOrId)
{
    const std::string section = "<c2s xmlns='jabber:config:socket-manager'><listen/></c2s>";
    EXPECT_EQ(Reading(section, {"one", "two"}).options->host, "one");
    EXPECT_EQ(Reading(section, {}).options->host, "the-id");
    EXPECT_EQ(Reading(section, {""}).options->host, "the-id");
}

TEST(Options, ListenWhereTheyAreTold)
{
    const auto listen = [](const std::string &elements) {
        return listeners(Reading{"<c2s xmlns='jabber:config:socket-manager'>" + elements + "</c2s>"});
    };
    EXPECT_EQ(listen("<listen port='5223'>127.0.0.1</listen>"), std::vector<std::string>{"127.0.0.1:5223"});
    EXPECT_EQ(listen("<listen>::1</listen>"), std::vector<std::string>{"[::1]:5222"});
    EXPECT_EQ(listen("<listen/>"), (std::vector<std::string>{"0.0.0.0:5222", "[::]:5222"}));
    EXPECT_EQ(listen("<listen port='0'>*</listen>"), (std::vector<std::string>{"0.0.0.0:0", "[::]:0"}));
    EXPECT_EQ(listen("<ip port='65535'>10.0.0.1</ip><listen>10.0.0.2</listen>"),
              (std::vector<std::string>{"10.0.0.1:65535", "10.0.0.2:5222"}));
}

TEST(Options, ListenForNothingButTlsWhereTheyAreTold)
{
    const std::string tls = "<tls><certificate file='a.pem'/></tls>";
    EXPECT_EQ(listeners(reading(tls + "<listen port='5225' tls='direct'>::1</listen>")),
              (std::vector<std::string>{"127.0.0.1:5222", "[::1]:5225 tls"}));
    EXPECT_EQ(listeners(reading("<listen tls='direct'>::1</listen>" + tls)),
              (std::vector<std::string>{"127.0.0.1:5222", "[::1]:5223 tls"}))
        << "in any order; and the port of custom";
}

TEST(Options, KnowTheirCertificates)
{
    EXPECT_TRUE(reading("").options->tls.certificates.empty());
    const Reading read = reading("<tls><certificate file='foo.pem' key='/etc/foo.key'/>\n<certificate "
                                 "file='test.pem' self-signed='localhost'/></tls>");
    ASSERT_TRUE(read.options) << testing::PrintToString(read.reports);
    const config::Tls &tls = read.options->tls;
    EXPECT_TRUE(tls.required);
    ASSERT_EQ(tls.certificates.size(), 2u);
    EXPECT_EQ(tls.certificates[0].certificate, "foo.pem") << "beside service.xml, which has no folder";
    EXPECT_EQ(tls.certificates[0].key, "/etc/foo.key");
    EXPECT_EQ(tls.certificates[0].self_signed, "");
    EXPECT_EQ(tls.certificates[1].key, "");
    EXPECT_EQ(tls.certificates[1].self_signed, "localhost");
    EXPECT_EQ(tls.certificates[1].place.line, 4u);
    EXPECT_EQ(tls.certificates[1].place.file, "service.xml");
    EXPECT_FALSE(reading("<tls required='no'><certificate file='a'/></tls>").options->tls.required);
    EXPECT_FALSE(tls.self_signed);
}

TEST(Options, KnowWhereCertificatesAreThatSignThemselves)
{
    const Reading beside = reading("<listen tls='direct'>::1</listen><tls>\n<self-signed/></tls>");
    ASSERT_TRUE(beside.options) << testing::PrintToString(beside.reports);
    EXPECT_EQ(beside.options->tls.self_signed->folder, "") << "service.xml has no folder";
    EXPECT_EQ(beside.options->tls.self_signed->place.line, 4u);
    const Reading elsewhere = reading("<tls><self-signed folder='/var/lib/jabberd'/></tls>");
    EXPECT_EQ(elsewhere.options->tls.self_signed->folder, "/var/lib/jabberd");
}

TEST(OptionsOfStreamManagement, AreReadWithTheirDefaults)
{
    const auto management = [](const std::string &xml) { return reading(xml).options->stream_management; };
    EXPECT_TRUE(management("").offered);
    EXPECT_EQ(management("").resumption, std::chrono::seconds{300});
    EXPECT_EQ(management("<stream-management/>").stanzas, 500u);
    EXPECT_FALSE(management("<stream-management>no</stream-management>").offered);
    const auto own = management("<stream-management seconds='0' stanzas='20' bytes='30000'>yes</stream-management>");
    EXPECT_TRUE(own.offered);
    EXPECT_EQ(own.resumption, std::chrono::seconds{0});
    EXPECT_EQ(own.stanzas, 20u);
    EXPECT_EQ(own.bytes, 30000u);
}

} // namespace
} // namespace jabberd::test
