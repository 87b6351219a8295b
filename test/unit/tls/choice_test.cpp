// SPDX-License-Identifier: LGPL-2.1-or-later
// Which certificate a client gets, and which protocol.
#include "tls/ends.h"

#include <gmock/gmock.h>

namespace jabberd::test {
namespace {

using net::Outcome;
using testing::HasSubstr;
using tls::Mode;

class TlsChoice : public TlsEnds {
protected:
    TlsChoice() { known = certificates({Recipe{}, {.names = {"bar.com"}}, {.names = {"*.wild.com"}, .key = "RSA"}}); }

    std::string certificate_for(const std::string &sni, const std::string &host_hint = "")
    {
        connect({.sni = sni}, Mode::StartTls, host_hint);
        shake();
        EXPECT_TRUE(server->handshake_done()) << server->failure() << client->error();
        return client->certificate_name();
    }

    // "" for none; the client's error when it was refused.
    std::string protocol_for(const std::vector<std::string> &offered, Mode mode)
    {
        connect({.alpn = offered}, mode);
        shake();
        if (!client->error().empty())
            return client->error();
        const unsigned char *chosen = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(client->ssl(), &chosen, &size);
        return {reinterpret_cast<const char *>(chosen), size};
    }
};

TEST_F(TlsChoice, OfTheCertificateIsTheClients)
{
    EXPECT_EQ(certificate_for("foo.com"), "foo.com");
    EXPECT_EQ(certificate_for("bar.com"), "bar.com");
    EXPECT_EQ(certificate_for("BAR.com"), "bar.com");
}

TEST_F(TlsChoice, KnowsWildcardsOfOneLabel)
{
    EXPECT_EQ(certificate_for("a.wild.com"), "x.wild.com");
    EXPECT_EQ(certificate_for("a.b.wild.com"), "foo.com");
    EXPECT_EQ(certificate_for("wild.com"), "foo.com");
}

TEST_F(TlsChoice, OfAnUnknownNameIsTheDefaultAndNoAlert)
{
    EXPECT_EQ(certificate_for("unknown.example"), "foo.com");
    EXPECT_EQ(certificate_for(std::string(255, 'x')), "foo.com");
}

TEST_F(TlsChoice, WithoutSniIsTheStreamsHost)
{
    EXPECT_EQ(certificate_for("", "bar.com"), "bar.com");
    EXPECT_EQ(certificate_for("", "a.wild.com"), "x.wild.com");
    EXPECT_EQ(certificate_for("", "unknown.example"), "foo.com");
    EXPECT_EQ(certificate_for("", ""), "foo.com");
    EXPECT_EQ(certificate_for("foo.com", "bar.com"), "foo.com") << "SNI counts more";
    EXPECT_EQ(certificate_for("unknown.example", "bar.com"), "bar.com") << "SNI that names nobody counts nothing";
    EXPECT_EQ(certificate_for("unknown.example", "unknown.example"), "foo.com");
}

TEST_F(TlsChoice, KnowsEverySpellingOfAName)
{
    known = certificates({Recipe{}, {.names = {"xn--bcher-kva.example"}}});
    for (const char *spelling :
         {"xn--bcher-kva.example", "XN--BCHER-kva.example", "bücher.example", "BÜCHER.example", "bücher.example."}) {
        EXPECT_EQ(certificate_for("", spelling), "xn--bcher-kva.example") << spelling;
        EXPECT_EQ(certificate_for(spelling), "xn--bcher-kva.example") << spelling;
    }
    EXPECT_EQ(certificate_for("foo.com."), "foo.com");
    EXPECT_EQ(certificate_for("bucher.example"), "foo.com");
}

TEST_F(TlsChoice, OfAHostMayHoldAnything)
{
    for (const std::string &host : {std::string{"bar.com\0.foo.com", 16}, std::string{"\0", 1}, std::string{"\xff\xfe"},
                                    std::string(100'000, '.')})
        EXPECT_EQ(&known->pick(host), &known->all().front()) << host.size();
}

TEST_F(TlsChoice, OfTheProtocolIsXmppOnAPortForTls)
{
    EXPECT_EQ(protocol_for({"xmpp-client"}, Mode::Direct), "xmpp-client");
    EXPECT_EQ(protocol_for({"h2", "xmpp-client", "http/1.1"}, Mode::Direct), "xmpp-client");
    EXPECT_EQ(protocol_for({}, Mode::Direct), "");
}

TEST_F(TlsChoice, OfAnotherProtocolIsRefusedOnAPortForTls)
{
    EXPECT_THAT(protocol_for({"h2", "http/1.1"}, Mode::Direct), HasSubstr("no application protocol"));
    EXPECT_THAT(protocol_for({"xmpp-server", "xmpp-clien", "xmpp-client1"}, Mode::Direct),
                HasSubstr("no application protocol"));
    EXPECT_EQ(server->failure(), "no application protocol");
}

TEST_F(TlsChoice, OfHttpIsWelcomeWhereItIsAnswered)
{
    http = true;
    EXPECT_EQ(protocol_for({"h2", "http/1.1"}, Mode::Direct), "http/1.1");
    EXPECT_EQ(protocol_for({"http/1.1", "xmpp-client"}, Mode::Direct), "xmpp-client");
    EXPECT_THAT(protocol_for({"h2"}, Mode::Direct), HasSubstr("no application protocol"));
}

TEST_F(TlsChoice, OfTheProtocolIsMadeAlreadyAfterStartTls)
{
    EXPECT_EQ(protocol_for({"h2"}, Mode::StartTls), "");
    EXPECT_TRUE(server->handshake_done());
    EXPECT_EQ(protocol_for({"xmpp-client"}, Mode::StartTls), "");
    EXPECT_TRUE(server->handshake_done());
}

} // namespace
} // namespace jabberd::test
