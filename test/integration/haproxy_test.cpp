// SPDX-License-Identifier: LGPL-2.1-or-later
// The whole server behind a real HAProxy, in TCP mode: with both versions of the PROXY header, and in front of TLS.
#include "support/environment.h"
#include "support/friends.h"
#include "support/linked_host.h"
#include "support/log_file.h"
#include "support/running_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <regex>

namespace jabberd::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// One proxy in front of two ports, found by HAPROXY in the environment.
class Haproxy {
public:
    Haproxy(std::uint16_t port, std::uint16_t tls_port)
        : process_({needed_environment("HAPROXY"), "-db", "-f",
                    directory_.write("haproxy.cfg", general + listen("first", first, port, "send-proxy") +
                                                        listen("second", second, port, "send-proxy-v2") +
                                                        listen("checked", checked, port,
                                                               "send-proxy-v2 proxy-v2-options crc32c,unique-id") +
                                                        listen("tls", tls, tls_port, "send-proxy-v2"))})
    {
        // It is ready then, and has looked whether our ports are there.
        for (int i = 0; i < 4; ++i)
            process_.wait_for("succeeded");
    }

    // Ports for clients, by what is sent to ours.
    const std::uint16_t first = free_port(), second = free_port(), checked = free_port(), tls = free_port();

private:
    static constexpr const char *general = "global\n"
                                           "  log stdout format raw daemon\n"
                                           "  maxconn 200\n"
                                           "defaults\n"
                                           "  log global\n"
                                           "  mode tcp\n"
                                           "  option log-health-checks\n"
                                           "  unique-id-format %ci-%cp\n"
                                           "  timeout connect 1m\n"
                                           "  timeout check 1m\n"
                                           "  timeout client 10m\n"
                                           "  timeout server 10m\n";

    static std::string listen(const std::string &name, std::uint16_t port, std::uint16_t ours, const std::string &how)
    {
        return "listen " + name + "\n  bind 127.0.0.1:" + std::to_string(port) +
               "\n  server ours 127.0.0.1:" + std::to_string(ours) + " check inter 200ms fall 1000 " + how + "\n";
    }

    TempDir directory_;
    Process process_;
};

class BehindHaproxy : public testing::Test {
protected:
    void SetUp() override
    {
        if (environment("HAPROXY").empty())
            GTEST_SKIP() << "haproxy is not installed";
        host_.emplace(RunningHost::Settings{
            .sockets = "<listen port='0' proxy='required'>127.0.0.1</listen>"
                       "<listen port='0' proxy='required' tls='direct'>127.0.0.1</listen><trusted>127.0.0.1</trusted>"
                       "<tls required='no'><certificate file='localhost.pem' self-signed='localhost'/></tls>"
                       "<limits><connections-per-address>3</connections-per-address></limits>"});
        proxy_.emplace(port("PROXY"), port("PROXY\\+TLS"));
    }

    std::uint16_t port(const std::string &kind) const
    {
        const std::string status = ctl({"status"}).output;
        std::smatch found;
        EXPECT_TRUE(std::regex_search(status, found, std::regex{"127\\.0\\.0\\.1:(\\d+) \\(" + kind + "\\)"}))
            << status;
        return found.empty() ? std::uint16_t{} : static_cast<std::uint16_t>(std::stoul(found[1]));
    }

    Result ctl(const std::vector<std::string> &arguments) const { return run(host_->ctl(arguments)); }
    std::string log() const { return contents_of(host_->path("log")); }

    // False: it was closed without an answer.
    static bool opens_a_stream(Client &client)
    {
        client.send("<stream:stream to='localhost' xmlns='jabber:client' "
                    "xmlns:stream='http://etherx.jabber.org/streams'>");
        return client.receive().has_value();
    }

    std::optional<RunningHost> host_;
    std::optional<Haproxy> proxy_;
};

TEST_F(BehindHaproxy, ClientsHaveTheirOwnAddress)
{
    unsigned last = 10;
    for (const std::uint16_t at : {proxy_->first, proxy_->second, proxy_->checked}) {
        const std::string address = "127.0.0." + std::to_string(last++);
        Client client{at, address};
        EXPECT_TRUE(opens_a_stream(client)) << log();
        EXPECT_THAT(ctl({"sessions"}).output, AllOf(HasSubstr(address + ":"), Not(HasSubstr("127.0.0.1:"))));
    }
}

TEST_F(BehindHaproxy, TlsBeginsBehindTheHeader)
{
    for (const std::uint16_t at : {proxy_->tls, proxy_->first}) {
        Client client{at, "127.0.0.10"};
        ASSERT_TRUE(client.begin_tls("localhost")) << log();
        EXPECT_TRUE(opens_a_stream(client));
        EXPECT_THAT(ctl({"sessions"}).output, AllOf(HasSubstr("127.0.0.10:"), HasSubstr("TLSv1.3")));
    }
}

TEST_F(BehindHaproxy, AnAddressHasItsShareAndTheOthersHaveTheirs)
{
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 3; ++i) {
        clients.push_back(std::make_unique<Client>(proxy_->second, "127.0.0.10"));
        EXPECT_TRUE(opens_a_stream(*clients.back()));
    }
    Client one_more{proxy_->second, "127.0.0.10"}, another{proxy_->second, "127.0.0.11"};
    EXPECT_FALSE(opens_a_stream(one_more));
    EXPECT_TRUE(opens_a_stream(another));
    EXPECT_TRUE(wait_for_log(host_->path("log"), "its address has as many connections"));
}

TEST_F(BehindHaproxy, ItsHealthChecksAreNoClients)
{
    Client client{proxy_->first, "127.0.0.10"}; // behind them in the queue of our port
    EXPECT_TRUE(opens_a_stream(client));
    EXPECT_EQ(host_->counter("accepted"), 1u);
    EXPECT_EQ(host_->counter("refused"), 0u);
    EXPECT_THAT(log(), Not(AnyOf(HasSubstr("disconnected"), HasSubstr("refused"))));
}

TEST_F(BehindHaproxy, FriendsChatOverSwaps)
{
    Friends friends{proxy_->second};
    for (int i = 0; i < 3; ++i) {
        const std::string copy = host_->path("swap" + std::to_string(i) + ".so");
        std::filesystem::copy_file(needed_environment("SOCKET_MANAGER"), copy);
        const Result swapped = ctl({"swap", "c2s", copy});
        EXPECT_EQ(swapped.status, 0) << swapped.output;
        friends.expect_chat();
        Client newcomer{proxy_->first, "127.0.0.10"};
        EXPECT_TRUE(opens_a_stream(newcomer)) << log();
    }
    friends.stop();
}

} // namespace
} // namespace jabberd::test
