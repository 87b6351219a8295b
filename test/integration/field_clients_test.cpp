// SPDX-License-Identifier: LGPL-2.1-or-later
// The clients that people have, unmodified, as Debian has them: each makes its account where it can, logs in, chats
// with a friend, and stays when the socket manager is replaced under it.
#include "support/client_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace jabberd::test {
namespace {

using testing::AnyOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

// A row of the table. QXmpp, BitlBee and Dino have no port for nothing but TLS that one could choose here.
struct Row {
    const char *client, *transport;
    bool registers = false;                       // it can, and does
    bool asks = false;                            // whether its user trusts the certificate
    const char *wrong_password = "";              // what it says about one, besides "refused"
    const char *says = "2 < 3 & so \xe2\x82\xac"; // what can be typed to it

    friend void PrintTo(const Row &row, std::ostream *out) { *out << row.client << ' ' << row.transport; }
};

constexpr Row table[] = {
    {"nbxmpp", "starttls", true},
    {"nbxmpp", "direct", true},
    {"qxmpp", "starttls", true},
    {"mcabber", "starttls"},
    {"mcabber", "direct"},
    {"bitlbee", "starttls", false, false, "Authentication failure"},
    {"finch", "starttls", true, true, "it says: wrong password"},
    {"finch", "direct", false, true, "it says: wrong password"},
    {"gajim", "starttls", false, false, "not-authorized"},
    {"gajim", "direct", false, false, "not-authorized"},
    // xdotool types what is not on the keyboard by changing it, and that comes too late now and then.
    {"dino", "starttls", true, false, "not-authorized", "2 < 3 & so"},
    {"converse_js", "websocket"}, // in chromium
};

class FieldClients : public testing::TestWithParam<Row> {
protected:
    static void SetUpTestSuite()
    {
        host_ = std::make_unique<RunningHost>(RunningHost::Settings{
            .sockets = "<tls required='yes'><certificate file='localhost.pem' self-signed='localhost'/></tls>"
                       "<listen port='0' tls='direct'>127.0.0.1</listen><websocket/>"
                       "<limits><attempts-per-second>0</attempts-per-second></limits>"});
    }
    static void TearDownTestSuite() { host_.reset(); }
    static RunningHost &host() { return *host_; }

    void SetUp() override
    {
        if (client_command(GetParam().client).empty())
            GTEST_SKIP() << GetParam().client << " is not installed";
    }

    static std::string name(const std::string &what)
    {
        return what + "-" + GetParam().client + "-" + GetParam().transport;
    }
    static std::string address(const std::string &name) { return name + "@localhost"; }

    // In a file of its own, as every new build is.
    static void swap_to_a_copy()
    {
        const std::string file = host().path("socket_manager-" + std::to_string(++copies_) + ".so");
        std::filesystem::copy_file(std::getenv("SOCKET_MANAGER"), file);
        const Result swapped = run(host().ctl({"swap", "c2s", file}));
        EXPECT_EQ(swapped.status, 0) << swapped.output;
    }

    static inline std::unique_ptr<RunningHost> host_;
    static inline int copies_ = 0;
};

// Whose address the client shows: with the resource, or without.
std::string from(const std::string &address, const std::string &body)
{
    return address + "(/[^ ]*)? " + body + "\n";
}

TEST_P(FieldClients, LogsInChatsAndLivesThroughASwap)
{
    const std::string me = name("me"), other = name("friend");
    register_accounts(host(), GetParam().registers ? std::vector{other} : std::vector{me, other});
    Process friend_ = start_client(host(), "slixmpp", {.name = other});
    Process client = start_client(host(), GetParam().client,
                                  {.name = me, .transport = GetParam().transport, .registers = GetParam().registers});
    ASSERT_TRUE(friend_.wait_for("ready\n"));
    ASSERT_TRUE(client.wait_for("ready\n"));
    if (GetParam().asks) {
        EXPECT_THAT(client.output(), HasSubstr("it asks: Certificate"));
    }
    EXPECT_THAT(run(host().ctl({"sessions"})).output, ContainsRegex(address(me) + "/.*TLS"));

    friend_.say(address(me) + " Tom & Jerry <3 \xc3\xa4");
    ASSERT_TRUE(client.wait_for(" Tom & Jerry <3 \xc3\xa4\n"));
    EXPECT_THAT(client.output(), ContainsRegex(from(address(other), "Tom & Jerry <3 \xc3\xa4")));
    client.say(address(other) + " " + GetParam().says);
    ASSERT_TRUE(friend_.wait_for(std::string{" "} + GetParam().says + "\n"));
    EXPECT_THAT(friend_.output(), ContainsRegex(from(address(me), GetParam().says)));

    constexpr int count = 20;
    for (int number = 0; number < count; ++number) {
        if (number == count / 2)
            swap_to_a_copy();
        friend_.say(address(me) + " number " + std::to_string(number));
    }
    for (int number = 0; number < count; ++number)
        ASSERT_TRUE(client.wait_for(" number " + std::to_string(number) + "\n"));
    client.say(address(other) + " still here");
    ASSERT_TRUE(friend_.wait_for(" still here\n"));
    EXPECT_THAT(client.output(), Not(AnyOf(HasSubstr("closed\n"), HasSubstr("refused\n"))));
    client.finish_input();
    client.wait();
}

TEST_P(FieldClients, SaysThatThePasswordIsWrong)
{
    register_accounts(host(), {name("wrong")});
    Process client = start_client(host(), GetParam().client,
                                  {.name = name("wrong"), .password = "guess", .transport = GetParam().transport});
    EXPECT_TRUE(client.wait_for("refused\n"));
    EXPECT_THAT(client.output(), HasSubstr(GetParam().wrong_password));
}

constexpr auto name_of = [](const testing::TestParamInfo<Row> &info) {
    return std::string{info.param.client} + "_" + info.param.transport;
};

INSTANTIATE_TEST_SUITE_P(Table, FieldClients, testing::ValuesIn(table), name_of);

} // namespace
} // namespace jabberd::test
