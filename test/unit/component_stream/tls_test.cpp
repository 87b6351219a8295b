// SPDX-License-Identifier: LGPL-2.1-or-later
// Component streams inside TLS. A certificate that signs itself is its own authority.
#include "instance.h"
#include "support/temp_dir.h"
#include "tls/self_signed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ComponentStreamTls : public testing::Test {
protected:
    ComponentStreamTls()
    {
        for (const char *name : {"rooms.localhost", "stranger.localhost"})
            jabberd::tls::make_self_signed(directory.path(name), name);
    }

    std::string accept(const std::string &inside = "") const
    {
        return "<accept><ip>127.0.0.1</ip><port>0</port><secret>secret</secret><host>rooms.localhost</host>"
               "<tls><certificate file='" +
               directory.path("rooms.localhost") + "'/>" + inside + "</tls></accept>\n";
    }
    std::string authority(const std::string &name) const { return "<authority file='" + directory.path(name) + "'/>"; }

    // What another server says of its <accept>.
    std::string connect(std::uint16_t port, const std::string &name, const std::string &inside) const
    {
        return "<connect><ip>127.0.0.1</ip><port>" + std::to_string(port) +
               "</port><secret>secret</secret><host>there.localhost</host><to>rooms.localhost</to><tls name='" + name +
               "'>" + inside + "</tls></connect>\n";
    }

    static std::string header()
    {
        return "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:component:accept' "
               "to='rooms.localhost'>";
    }
    static void log_in(Client &client)
    {
        ASSERT_TRUE(client.begin_tls());
        client.send(header());
        const auto answer = client.receive();
        ASSERT_TRUE(answer);
        client.send("<handshake>" + component_stream::handshake_of(answer->element.attributes.at("id"), "secret") +
                    "</handshake>");
        const auto handshake = client.receive();
        ASSERT_TRUE(handshake);
        EXPECT_EQ(handshake->element.name, "handshake");
    }

    const TempDir directory;
    RoutesHost host;
};

TEST_F(ComponentStreamTls, GoesOnOverSwapsInTheMiddleOfARecord)
{
    auto instance = std::make_unique<Instance>(host, accept());
    Client rooms{instance->port()};
    log_in(rooms);
    EXPECT_TRUE(instance->wait_for_status("stream rooms.localhost", "TLSv1.3"));
    for (int i = 0; i < 5; ++i) {
        const std::string stanza =
            "<message to='b@localhost' from='a@rooms.localhost' id='" + std::to_string(i) + "'/>";
        rooms.send_half(stanza);
        auto next = std::make_unique<Instance>(host, accept(), instance.get());
        ASSERT_TRUE(next->succeed(*instance));
        instance = std::move(next);
        rooms.send("");
        EXPECT_EQ(host.next(), stanza);
        EXPECT_EQ(host.handle("<message to='a@rooms.localhost' from='b@localhost/r'/>"), JABBERD_DONE);
        const auto heard = rooms.receive();
        ASSERT_TRUE(heard) << rooms.error();
        EXPECT_EQ(heard->element.attributes.at("from"), "b@localhost/r");
    }
    instance->stop();
    EXPECT_EQ(rooms.wait_for_ending(), Client::Ending::Closed);
    EXPECT_TRUE(rooms.tls()->was_closed()) << "and not cut";
}

TEST_F(ComponentStreamTls, LosesNothingThatWaitsForASlowPeer)
{
    auto instance = std::make_unique<Instance>(host, accept());
    Client rooms{instance->port(), "127.0.0.1", 4096};
    log_in(rooms);
    const std::string body = "<body>" + std::string(8000, 'x') + "</body>";
    int sent = 0;
    while (host.congestion().empty() && sent < 10000)
        ASSERT_EQ(host.handle("<message id='" + std::to_string(sent++) +
                              "' to='a@rooms.localhost' from='b@localhost'>" + body + "</message>"),
                  JABBERD_DONE);
    auto next = std::make_unique<Instance>(host, accept(), instance.get());
    ASSERT_TRUE(next->succeed(*instance));
    instance = std::move(next);
    for (int i = 0; i < sent; ++i) {
        const auto heard = rooms.receive();
        ASSERT_TRUE(heard) << i << rooms.error();
        ASSERT_EQ(heard->element.attributes.at("id"), std::to_string(i));
    }
}

TEST_F(ComponentStreamTls, IsNotSpokenToInTheClear)
{
    Instance instance{host, accept()};
    Client rooms{instance.port()};
    rooms.send(header());
    EXPECT_TRUE(host.wait_for_log("REASON=TLS: wrong version number")) << testing::PrintToString(host.logs());
    EXPECT_NE(rooms.wait_for_ending(), Client::Ending::Open);
}

TEST_F(ComponentStreamTls, ShowsItsCertificateToTheAcceptingEnd)
{
    Instance instance{host, accept(authority("rooms.localhost"))};
    RoutesHost there;
    Instance with{there, connect(instance.port(), "rooms.localhost",
                                 authority("rooms.localhost") + "<certificate file='" +
                                     directory.path("rooms.localhost") + "'/>")};
    EXPECT_TRUE(with.wait_for_status("stream there.localhost", "TLSv1.3"));
    RoutesHost stranger;
    Instance without{stranger, connect(instance.port(), "rooms.localhost", authority("rooms.localhost"))};
    EXPECT_TRUE(host.wait_for_log("REASON=TLS: peer did not return a certificate"));
    EXPECT_TRUE(with.wait_for_status("stream there.localhost", "TLSv1.3")) << "its name was not taken";
}

TEST_F(ComponentStreamTls, ChecksWhomItHasDialled)
{
    Instance instance{host, accept()};
    const std::uint16_t port = instance.port();
    RoutesHost there;
    Instance wrong{there, connect(port, "elsewhere.localhost", authority("rooms.localhost"))};
    EXPECT_TRUE(there.wait_for_log("certificate verify failed: hostname mismatch"))
        << testing::PrintToString(there.logs());
    RoutesHost other;
    Instance stranger{other, connect(port, "rooms.localhost", authority("stranger.localhost"))};
    EXPECT_TRUE(other.wait_for_log("certificate verify failed: ")) << testing::PrintToString(other.logs());
    EXPECT_TRUE(host.claimed(0).empty());
}

TEST_F(ComponentStreamTls, IsEndedWhenTheConfigurationNoLongerHasIt)
{
    Instance instance{host, accept()};
    Client rooms{instance.port()};
    log_in(rooms);
    std::string clear = accept();
    clear.erase(clear.find("<tls>"), clear.find("</tls>") + 6 - clear.find("<tls>"));
    EXPECT_TRUE(instance.reload(clear));
    EXPECT_EQ(rooms.wait_for_ending(), Client::Ending::Closed);
    Peer again{instance.port()};
    EXPECT_EQ(again.next(), "<handshake/>");
}

} // namespace
} // namespace jabberd::test
