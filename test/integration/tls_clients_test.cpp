// SPDX-License-Identifier: LGPL-2.1-or-later
// Today's clients, unmodified, against the whole server with TLS required: each over STARTTLS and on the port for
// nothing but TLS, with every mechanism that it lets one choose; and those of browsers over a WebSocket.
#include "support/client_program.h"
#include "support/environment.h"
#include "support/patience.h"
#include "support/running_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace jabberd::test {
namespace {

using testing::ContainsRegex;

// A row of the table. What the client cannot do has no row: libstrophe, and profanity with it, chooses by itself, and
// so does aioxmpp; go-sendxmpp has PLAIN only; xmpp.js has neither SCRAM-SHA-256 nor channel binding; slixmpp binds to
// tls-unique only.
struct Row {
    const char *client, *transport, *mechanism;
    // Slixmpp, told to use SCRAM without channel binding, says that the server has none. Where it has, that is an
    // attack to be refused (RFC 5802 section 6).
    bool unbound = false; // a server that offers no channel binding

    friend void PrintTo(const Row &row, std::ostream *out)
    {
        *out << row.client << ' ' << row.transport << ' ' << row.mechanism;
    }
};

constexpr Row table[] = {
    {"slixmpp", "starttls", "any"},
    {"slixmpp", "starttls", "any", true},
    {"slixmpp", "starttls", "PLAIN"},
    {"slixmpp", "starttls", "SCRAM-SHA-1", true},
    {"slixmpp", "starttls", "SCRAM-SHA-256", true},
    {"slixmpp", "starttls", "SCRAM-SHA-1-PLUS"},
    {"slixmpp", "starttls", "SCRAM-SHA-256-PLUS"},
    {"slixmpp", "direct", "any"},
    {"slixmpp", "direct", "any", true},
    {"slixmpp", "direct", "PLAIN"},
    {"slixmpp", "direct", "SCRAM-SHA-1", true},
    {"slixmpp", "direct", "SCRAM-SHA-256", true},
    {"slixmpp", "direct", "SCRAM-SHA-1-PLUS"},
    {"slixmpp", "direct", "SCRAM-SHA-256-PLUS"},
    {"libstrophe", "starttls", "any"},
    {"libstrophe", "direct", "any"},
    {"aioxmpp", "starttls", "any"},
    {"aioxmpp", "direct", "any"},
    {"profanity", "starttls", "any"},
    {"profanity", "direct", "any"},
    {"go_sendxmpp", "starttls", "PLAIN"},
    {"go_sendxmpp", "direct", "PLAIN"},
    {"xmpp_js", "starttls", "any"},
    {"xmpp_js", "starttls", "PLAIN"},
    {"xmpp_js", "starttls", "SCRAM-SHA-1"},
    {"xmpp_js", "direct", "any"},
    {"xmpp_js", "direct", "PLAIN"},
    {"xmpp_js", "direct", "SCRAM-SHA-1"},
    {"xmpp_js", "websocket", "any"},
    {"xmpp_js", "websocket", "PLAIN"},
    {"xmpp_js", "websocket", "SCRAM-SHA-1"},
    {"strophe_js", "websocket", "any"},
};

std::string words_of(const Row &row)
{
    std::string words =
        std::string{row.client} + "-" + row.transport + "-" + row.mechanism + (row.unbound ? "-unbound" : "");
    std::ranges::transform(words, words.begin(), [](unsigned char c) { return std::tolower(c); });
    return words;
}

class TlsClients : public testing::TestWithParam<Row> {
protected:
    static void SetUpTestSuite()
    {
        host_ = start_host("");
        unbound_host_ = start_host("<mechanisms><mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1</mechanism>"
                                   "<mechanism>PLAIN</mechanism></mechanisms>");
    }
    static void TearDownTestSuite()
    {
        host_.reset();
        unbound_host_.reset();
    }
    static std::unique_ptr<RunningHost> start_host(const std::string &sessions)
    {
        return std::make_unique<RunningHost>(RunningHost::Settings{
            .sessions = sessions,
            .sockets = "<tls required='yes'><certificate file='localhost.pem' self-signed='localhost'/></tls>"
                       "<listen port='0' tls='direct'>127.0.0.1</listen><websocket/>"
                       "<limits><connections-per-address>0</connections-per-address>"
                       "<attempts-per-second>0</attempts-per-second></limits>"});
    }
    void SetUp() override
    {
        if (client_command(GetParam().client).empty())
            GTEST_SKIP() << GetParam().client << " is not installed";
    }

    // The one that the row of this test is about.
    static RunningHost &host() { return GetParam().unbound ? *unbound_host_ : *host_; }
    static Process start(const RunningHost &host, const Row &row, const std::string &name,
                         const std::string &password = "secret")
    {
        return start_client(
            host, row.client,
            {.name = name, .password = password, .transport = row.transport, .mechanism = row.mechanism});
    }

    // Until the user has one session. Go-sendxmpp sends each message with a session of its own, and while that lasts,
    // it is the one its user used last: it would get the answer, and throws it away.
    static bool wait_for_one_session(const std::string &name)
    {
        const auto deadline = Clock::now() + std::chrono::minutes{1}; // as long as Process waits for a word
        int count = 0;
        do {
            const std::string all = run(host().ctl({"sessions"})).output;
            count = 0;
            for (auto at = all.find(name + "@localhost/"); at != std::string::npos; at = all.find(name + "@", at + 1))
                ++count;
        } while (count != 1 && Clock::now() < deadline);
        EXPECT_EQ(count, 1) << name;
        return count == 1;
    }

    static inline std::unique_ptr<RunningHost> host_, unbound_host_;
};

TEST_P(TlsClients, LogsInWithThePasswordAndIsSeenToUseTls)
{
    const std::string name = "login-" + words_of(GetParam());
    register_accounts(host(), {name});
    Process client = start(host(), GetParam(), name);
    ASSERT_TRUE(client.wait_for("ready\n"));
    EXPECT_THAT(run(host().ctl({"sessions"})).output, ContainsRegex(name + "@localhost/.*TLS"));
    client.finish_input();
    EXPECT_EQ(client.wait(), 0);
}

TEST_P(TlsClients, IsRefusedWithAWrongPassword)
{
    const std::string name = "wrong-" + words_of(GetParam());
    register_accounts(host(), {name});
    Process client = start(host(), GetParam(), name, "guess");
    EXPECT_TRUE(client.wait_for("refused\n"));
}

// With the first row after it that is another client's, the table being a ring. The addresses are bare: Bind2 lets the
// server make the resource longer, and go-sendxmpp names its own.
TEST_P(TlsClients, ChatsBothWaysWithTheNextClientOfTheTable)
{
    const auto here = std::ranges::find_if(table, [](const Row &row) { return words_of(row) == words_of(GetParam()); });
    auto next = here;
    do {
        next = next + 1 == std::end(table) ? std::begin(table) : next + 1;
    } while (next != here && (client_command(next->client).empty() || next->client == std::string_view{here->client}));
    if (next == here)
        GTEST_SKIP() << "no other client is installed";
    const std::string one_name = "one-" + words_of(*here), other_name = "other-" + words_of(*here);
    register_accounts(host(), {one_name, other_name});
    Process one = start(host(), *here, one_name), other = start(host(), *next, other_name);
    ASSERT_TRUE(one.wait_for("ready\n"));
    ASSERT_TRUE(other.wait_for("ready\n"));

    for (int number = 0; number < 3; ++number) {
        const std::string question = "question " + std::to_string(number) + " & so <on>",
                          answer = "answer " + std::to_string(number) + " \xe2\x82\xac";
        ASSERT_TRUE(wait_for_one_session(other_name));
        one.say(other_name + "@localhost " + question);
        ASSERT_TRUE(other.wait_for(" " + question + "\n"));
        EXPECT_THAT(other.output(), ContainsRegex(one_name + "@localhost[^ ]* " + question));
        ASSERT_TRUE(wait_for_one_session(one_name));
        other.say(one_name + "@localhost " + answer);
        ASSERT_TRUE(one.wait_for(" " + answer + "\n"));
        EXPECT_THAT(one.output(), ContainsRegex(other_name + "@localhost[^ ]* " + answer));
    }
}

// A chat with one on TCP that goes on while the socket manager is replaced under it, again and again.
TEST_P(TlsClients, StaysOnItsWebSocketThroughSwaps)
{
    if (GetParam().transport != std::string_view{"websocket"})
        GTEST_SKIP() << "not one over a WebSocket";
    const std::string name = "swapped-" + words_of(GetParam()), other_name = "beside-" + name;
    register_accounts(host(), {name, other_name});
    Process client = start(host(), GetParam(), name);
    Process other = start(host(), {"xmpp_js", "starttls", "any"}, other_name);
    ASSERT_TRUE(client.wait_for("ready\n"));
    ASSERT_TRUE(other.wait_for("ready\n"));
    for (int number = 0; number < 5; ++number) {
        const std::string file = host().path("copy-" + words_of(GetParam()) + std::to_string(number) + ".so");
        std::filesystem::copy_file(environment("SOCKET_MANAGER"), file);
        const std::string question = "question " + std::to_string(number), answer = "answer " + std::to_string(number);
        client.say(other_name + "@localhost " + question);
        const Result swapped = run(host().ctl({"swap", "c2s", file}));
        EXPECT_EQ(swapped.status, 0) << swapped.output;
        ASSERT_TRUE(other.wait_for(" " + question + "\n"));
        other.say(name + "@localhost " + answer);
        ASSERT_TRUE(client.wait_for(" " + answer + "\n"));
    }
    EXPECT_THAT(run(host().ctl({"sessions"})).output, ContainsRegex(name + "@localhost/.*websocket TLS"));
    client.finish_input();
    EXPECT_EQ(client.wait(), 0);
}

TEST_P(TlsClients, IsRefusedWhenItHasNotSeenTheChannelBindingThatThereIs)
{
    Row row = GetParam();
    if (!row.unbound || row.mechanism == std::string_view{"any"})
        GTEST_SKIP() << "not one that says so";
    const std::string name = "downgrade-" + words_of(row);
    register_accounts(*host_, {name});
    Process client = start(*host_, row, name);
    EXPECT_TRUE(client.wait_for("refused\n"));
}

constexpr auto name_of = [](const testing::TestParamInfo<Row> &info) {
    std::string name = words_of(info.param);
    std::ranges::replace(name, '-', '_');
    return name;
};

INSTANTIATE_TEST_SUITE_P(Table, TlsClients, testing::ValuesIn(table), name_of);

} // namespace
} // namespace jabberd::test
