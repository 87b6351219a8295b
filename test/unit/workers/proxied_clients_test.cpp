// SPDX-License-Identifier: LGPL-2.1-or-later
// Clients behind a proxy, on a clock that is held.
#include "workers/proxied_clients.h"

#include "workers/one_client.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <mutex>

namespace jabberd::workers {
namespace {

using namespace std::string_literals;

const std::string local_header = "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"s;

std::string header_of(const std::string &client)
{
    return "PROXY TCP4 " + client + " 127.0.0.1 40210 5222\r\n";
}

// A proxy at 192.0.2.1, which is trusted; what is logged is kept.
class ProxiedClientsTest : public testing::Test {
protected:
    ProxiedClientsTest()
    {
        host_.size = sizeof host_;
        host_.host_data = this;
        host_.deliver = [](const jabberd_host *, const jabberd_packet *) { return JABBERD_DELIVERED; };
        host_.log = [](const jabberd_host *host, const jabberd_log_record *record) {
            auto &self = *static_cast<ProxiedClientsTest *>(host->host_data);
            const std::lock_guard lock{self.mutex_};
            self.log_ += std::string{text(record->message)} + "\n";
        };
        options_->host = "c2s";
        options_->trusted = {*net::Network::parse("192.0.2.0", "31")};
        workers_.push_back(std::make_unique<Worker>(shared_, options_, 0, 1));
        first().start();
    }
    ~ProxiedClientsTest() override
    {
        first().run_and_wait([&] { proxied_.drop_all(); });
        first().join();
    }

    Worker &first() { return *workers_.front(); }

    // Returns the proxy's end.
    UniqueFd connect(const std::string &from = "192.0.2.1")
    {
        std::array<int, 2> ends;
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
        first().run_and_wait([&] {
            proxied_.take({UniqueFd{ends[1]}, *net::SocketAddress::parse(from, 50000), false});
        });
        settle();
        return UniqueFd{ends[0]};
    }
    UniqueFd connect_and_say(const std::string &bytes)
    {
        UniqueFd proxy = connect();
        say(proxy, bytes);
        return proxy;
    }

    void say(const UniqueFd &proxy, const std::string &bytes)
    {
        ASSERT_EQ(send(proxy.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
        settle();
    }

    void settle()
    {
        for (int turn = 0; turn < 3; ++turn)
            first().run_and_wait([] {});
    }

    void pass(Duration duration)
    {
        clock_.pass(duration);
        settle();
    }

    static bool is_closed(const UniqueFd &proxy)
    {
        char byte;
        const ssize_t got = recv(proxy.get(), &byte, 1, 0);
        return got == 0 || (got < 0 && errno == ECONNRESET); // so it is where something was left unread
    }

    // Where those come from that are clients by now.
    std::vector<std::string> clients()
    {
        std::vector<std::string> all;
        first().run_and_wait([&] {
            first().for_each(
                [&](const Connection &connection) { all.push_back(connection.status().from.to_string()); });
        });
        return all;
    }

    std::string log()
    {
        const std::lock_guard lock{mutex_};
        return std::exchange(log_, {});
    }

    HeldClock clock_;
    std::mutex mutex_;
    std::string log_;
    jabberd_host host_{};
    connection::Shared shared_{host_, clock_};
    std::shared_ptr<config::Options> options_ = std::make_shared<config::Options>();
    std::vector<std::unique_ptr<Worker>> workers_;
    Entrance entrance_{workers_};
    ProxiedClients proxied_{entrance_};
};

TEST_F(ProxiedClientsTest, AreWhoTheHeaderSays)
{
    const UniqueFd proxy = connect();
    EXPECT_EQ(shared_.connections, 1u) << "it counts in <connections/> from the beginning";
    say(proxy, header_of("198.51.100.7"));
    EXPECT_EQ(clients(), std::vector<std::string>{"198.51.100.7:40210"});
    EXPECT_EQ(shared_.connections, 1u);
    EXPECT_EQ(log(), "");
}

TEST_F(ProxiedClientsTest, AreOfATrustedProxyOnly)
{
    for (const char *stranger : {"192.0.2.2", "198.51.100.7", "::1"}) {
        const UniqueFd proxy = connect(stranger);
        EXPECT_TRUE(is_closed(proxy)) << stranger;
    }
    EXPECT_EQ(first().counters().untrusted.get(), 3u);
    EXPECT_EQ(log(),
              "192.0.2.2:50000 refused: this port, with proxy='required', is for the proxies in <trusted/> only (1 "
              "refused since the last line like this)\n")
        << "one line for all of them";
    EXPECT_EQ(shared_.connections, 0u);
}

TEST_F(ProxiedClientsTest, HaveTheShareOfTheirOwnAddress)
{
    options_->limits.connections_per_address = 2;
    std::vector<UniqueFd> proxies;
    for (const char *client : {"198.51.100.7", "198.51.100.7", "198.51.100.7", "198.51.100.8", "198.51.100.7"})
        proxies.push_back(connect_and_say(header_of(client)));
    EXPECT_TRUE(is_closed(proxies[2]));
    EXPECT_FALSE(is_closed(proxies[3]));
    EXPECT_EQ(clients().size(), 3u);
    EXPECT_EQ(first().counters().too_many.get(), 2u);
    const std::string refused =
                          " refused: its address has as many connections as <connections-per-address/> allows, 2 (",
                      so_many = " of this address refused since the last line like this)\n";
    EXPECT_EQ(log(), "198.51.100.7:40210" + refused + "1" + so_many) << "and one line of it in a minute";

    proxies.push_back(connect_and_say(header_of("198.51.100.8")));
    proxies.push_back(connect_and_say(header_of("198.51.100.8")));
    EXPECT_EQ(log(), "198.51.100.8:40210" + refused + "1" + so_many) << "and one of each address";
    clock_.pass(std::chrono::minutes{1});
    proxies.push_back(connect_and_say(header_of("198.51.100.7")));
    EXPECT_EQ(log(), "198.51.100.7:40210" + refused + "2" + so_many);
}

TEST_F(ProxiedClientsTest, DoNotUseUpTheShareOfTheProxyBeforeTheirHeader)
{
    options_->limits.connections_per_address = 1;
    options_->limits.attempts = {.per_second = 1, .burst = 0};
    std::vector<UniqueFd> proxies;
    for (int i = 0; i < 20; ++i)
        proxies.push_back(connect());
    for (int i = 0; i < 20; ++i)
        say(proxies[static_cast<std::size_t>(i)], header_of("198.51.100." + std::to_string(i)));
    EXPECT_EQ(clients().size(), 20u);
}

TEST_F(ProxiedClientsTest, ComeInByTheAccessListAsTheirHeaderSays)
{
    options_->access.denied = {*net::Network::parse("198.51.100.0", "24"), *net::Network::parse("192.0.2.1", "")};
    const UniqueFd denied = connect_and_say(header_of("198.51.100.7"));
    EXPECT_TRUE(is_closed(denied));
    const UniqueFd admitted = connect_and_say(header_of("203.0.113.7"));
    EXPECT_EQ(clients(), std::vector<std::string>{"203.0.113.7:40210"}) << "the proxy's own address does not matter";
}

TEST_F(ProxiedClientsTest, AreLeftWhenTheirHeaderDoesNotComeInTime)
{
    const UniqueFd silent = connect(), half = connect_and_say("PROXY TCP4 198.51");
    pass(4900ms);
    EXPECT_FALSE(is_closed(silent));
    pass(200ms);
    EXPECT_TRUE(is_closed(silent));
    EXPECT_TRUE(is_closed(half));
    EXPECT_EQ(first().counters().bad_proxy_headers.get(), 2u);
    EXPECT_NE(log().find("192.0.2.1:50000 refused: its PROXY header has not come in time"), std::string::npos);
}

TEST_F(ProxiedClientsTest, WaitNoLongerForTheirHeaderThanForALogin)
{
    options_->authtime = 1s;
    const UniqueFd proxy = connect();
    pass(1100ms);
    EXPECT_TRUE(is_closed(proxy));
}

TEST_F(ProxiedClientsTest, AreLeftWhenTheirHeaderIsNone)
{
    const UniqueFd proxy = connect_and_say("<stream:stream to='foo.com'>");
    EXPECT_TRUE(is_closed(proxy));
    EXPECT_EQ(first().counters().bad_proxy_headers.get(), 1u);
    EXPECT_NE(log().find("192.0.2.1:50000 refused: it does not begin with a PROXY header"), std::string::npos);
}

TEST_F(ProxiedClientsTest, AreNoneWhenTheProxyOnlyLooksWhetherThereIsAServer)
{
    for (const std::string &words :
         {""s, local_header, "PROXY UNKNOWN\r\n"s, "PROXY TCP4 192.0.2.1 127.0.0.1 50000 5222\r\n"s})
        connect_and_say(words).reset();
    settle();
    EXPECT_EQ(shared_.connections, 0u);
    EXPECT_EQ(first().counters().accepted.get(), 0u);
    EXPECT_EQ(first().counters().bad_proxy_headers.get(), 0u);
    EXPECT_EQ(log(), "");
}

TEST_F(ProxiedClientsTest, HaveTheAddressOfTheProxyWhereTheHeaderNamesNone)
{
    const UniqueFd speaks = connect_and_say(local_header + "<");
    EXPECT_EQ(clients(), std::vector<std::string>{"192.0.2.1:50000"});
    const UniqueFd silent = connect_and_say("PROXY UNKNOWN\r\n");
    EXPECT_EQ(clients().size(), 1u);
    pass(5100ms);
    EXPECT_EQ(clients().size(), 2u) << "from here on it has the time of a login";
    EXPECT_FALSE(is_closed(silent));
    EXPECT_EQ(log(), "");
}

TEST_F(ProxiedClientsTest, GoOnInASuccessor)
{
    const UniqueFd half = connect_and_say("PROXY TCP4 198.51"), local = connect_and_say(local_header);
    first().halt();
    handover::State state;
    proxied_.freeze(state);
    ASSERT_EQ(state.proxied.size(), 2u);
    EXPECT_EQ(state.proxied[0].peer, "192.0.2.1:50000");
    EXPECT_EQ(state.proxied[0].header, "PROXY TCP4 198.51");
    proxied_.relinquish();
    const std::vector<std::unique_ptr<Worker>> old = std::exchange(workers_, {}); // with its loop
    workers_.push_back(std::make_unique<Worker>(shared_, options_, 0, 1));
    ProxiedClients successor{entrance_};
    successor.thaw(state);
    first().start();
    say(half, ".100.7 127.0.0.1 40210 5222\r\n");
    EXPECT_EQ(clients(), std::vector<std::string>{"198.51.100.7:40210"});
    pass(5100ms);
    EXPECT_EQ(clients().size(), 2u) << "its deadline is what it was";
    first().run_and_wait([&] { successor.drop_all(); });
}

} // namespace
} // namespace jabberd::workers
