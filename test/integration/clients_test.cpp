// SPDX-License-Identifier: LGPL-2.1-or-later
// Client libraries that others wrote, against the whole server: who can log in, and who hears whom.
#include "support/running_host.h"
#include "support/user.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <sstream>
#include <tuple>

namespace jabberd::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// A library, by the program that is made with it (clients/shell.h tells how to play it).
struct Library {
    std::string name, program;

    friend void PrintTo(const Library &library, std::ostream *out) { *out << library.name; }
};

// From CLIENTS in the environment: "name=program" words.
std::vector<Library> libraries()
{
    const char *text = std::getenv("CLIENTS");
    std::istringstream words{text == nullptr ? "" : text};
    std::vector<Library> result;
    for (std::string word; words >> word;)
        result.push_back({word.substr(0, word.find('=')), word.substr(word.find('=') + 1)});
    return result;
}

Process start(const RunningHost &host, const Library &library, const std::string &name, bool digest = false,
              std::string_view password = usual_password)
{
    std::vector<std::string> command{library.program,       std::to_string(host.port()), "localhost", name, "home",
                                     std::string{password}, digest ? "digest" : "plain"};
    if (library.program.ends_with(".pl"))
        command.insert(command.begin(), "perl");
    return Process{command};
}

std::string home_of(const std::string &name)
{
    return name + "@localhost/home";
}

// For loudmouth, which in the clear finds no SASL mechanism that it knows. The others do not ask for TLS.
constexpr const char *optional_tls =
    "<tls required='no'><certificate file='localhost.pem' self-signed='localhost'/></tls>";

// One host for all tests of a kind: each brings accounts of its own.
template <bool digest>
class OneHost {
protected:
    static void begin()
    {
        host_ = std::make_unique<RunningHost>(RunningHost::Settings{
            .digest = digest,
            .sockets = std::string{optional_tls} + "<limits><attempts-per-second>0</attempts-per-second></limits>"});
    }
    static void end() { host_.reset(); }
    static RunningHost &host() { return *host_; }

private:
    static inline std::unique_ptr<RunningHost> host_;
};

class Clients : public testing::TestWithParam<Library>, protected OneHost<false> {
protected:
    static void SetUpTestSuite() { begin(); }
    static void TearDownTestSuite() { end(); }
};

TEST_P(Clients, LogsInWithThePassword)
{
    register_account(host().port(), "plain-" + GetParam().name);
    Process client = start(host(), GetParam(), "plain-" + GetParam().name);
    EXPECT_TRUE(client.wait_for("ready\n"));
    EXPECT_THAT(run(host().ctl({"sessions"})).output, HasSubstr(home_of("plain-" + GetParam().name)));
    client.finish_input();
    EXPECT_EQ(client.wait(), 0);
}

TEST_P(Clients, IsRefusedWithAWrongPassword)
{
    register_account(host().port(), "wrong-" + GetParam().name);
    Process client = start(host(), GetParam(), "wrong-" + GetParam().name, false, "guess");
    EXPECT_TRUE(client.wait_for("refused\n"));
    EXPECT_EQ(client.wait(), 0);
}

TEST_P(Clients, HearsAndIsHeard)
{
    const std::string name = "chat-" + GetParam().name;
    register_account(host().port(), name);
    Process client = start(host(), GetParam(), name);
    ASSERT_TRUE(client.wait_for("ready\n"));
    User user{host().port(), "friend-of-" + name};

    user.say(home_of(name), "Tom &amp; Jerry &lt;3 \xc3\xa4");
    EXPECT_TRUE(client.wait_for(user.address() + " Tom & Jerry <3 \xc3\xa4\n"));
    client.say(user.address() + " 2 < 3 & 'so' \"on\" \xe2\x82\xac");
    EXPECT_EQ(user.hear(), (User::Message{home_of(name), "2 < 3 & 'so' \"on\" \xe2\x82\xac"}));
}

TEST_P(Clients, GetsAHundredMessagesInOrder)
{
    const std::string name = "many-" + GetParam().name;
    register_account(host().port(), name);
    Process client = start(host(), GetParam(), name);
    ASSERT_TRUE(client.wait_for("ready\n"));
    User user{host().port(), "friend-of-" + name};
    std::string said;
    for (int i = 0; i < 100; ++i) {
        user.say(home_of(name), std::to_string(i));
        said += user.address() + " " + std::to_string(i) + "\n";
    }
    EXPECT_TRUE(client.wait_for(user.address() + " 99\n"));
    EXPECT_THAT(client.output(), HasSubstr(said));
}

TEST_P(Clients, IsGoneFromTheSessionManagerWhenItDies)
{
    // Else the session of one that has enabled stream management waits for it to come back.
    RunningHost own{{.sockets = std::string{optional_tls} + "<stream-management seconds='0'/>"}};
    const std::string name = "dies-" + GetParam().name;
    register_account(own.port(), name);
    Process client = start(own, GetParam(), name);
    ASSERT_TRUE(client.wait_for("ready\n"));
    client.signal(SIGKILL);
    client.wait();

    // What is sent now waits for the next login: the session manager has had our 510, or gets this very message back
    // with one.
    User user{own.port(), "friend-of-" + name};
    user.say(name + "@localhost", "are you there?");
    user.say(user.address(), "sent");
    ASSERT_EQ(user.hear(), (User::Message{user.address(), "sent"}));
    User again{own.port(), name, "again"};
    EXPECT_EQ(again.hear(), (User::Message{user.address(), "are you there?"}));
    EXPECT_THAT(run(own.ctl({"sessions"})).output, Not(HasSubstr(home_of(name))));
}

TEST_P(Clients, SeesTheServerStop)
{
    RunningHost own{{.sockets = optional_tls}};
    register_account(own.port(), "last");
    Process client = start(own, GetParam(), "last");
    ASSERT_TRUE(client.wait_for("ready\n"));
    own.stop();
    EXPECT_TRUE(client.wait_for("closed\n"));
    EXPECT_EQ(client.wait(), 0);
}

class DigestClients : public testing::TestWithParam<Library>, protected OneHost<true> {
protected:
    static void SetUpTestSuite() { begin(); }
    static void TearDownTestSuite() { end(); }
};

TEST_P(DigestClients, LogsInWithADigest)
{
    register_account(host().port(), "digest-" + GetParam().name);
    Process trace{host().ctl({"trace"})};
    ASSERT_TRUE(trace.wait_for("tracing"));
    Process client = start(host(), GetParam(), "digest-" + GetParam().name, true);
    EXPECT_TRUE(client.wait_for("ready\n"));
    EXPECT_TRUE(trace.wait_for("<digest sid="));
    EXPECT_THAT(trace.output(), Not(HasSubstr("secret")));
}

TEST_P(DigestClients, IsRefusedWithTheDigestOfAWrongPassword)
{
    register_account(host().port(), "wrong-" + GetParam().name);
    Process client = start(host(), GetParam(), "wrong-" + GetParam().name, true, "guess");
    EXPECT_TRUE(client.wait_for("refused\n"));
}

class ClientPairs : public testing::TestWithParam<std::tuple<Library, Library>>, protected OneHost<false> {
protected:
    static void SetUpTestSuite() { begin(); }
    static void TearDownTestSuite() { end(); }
};

TEST_P(ClientPairs, TalkToEachOther)
{
    const auto &[one_library, other_library] = GetParam();
    const std::string pair = one_library.name + "-" + other_library.name, one_name = "one-" + pair,
                      other_name = "other-" + pair;
    register_account(host().port(), one_name);
    register_account(host().port(), other_name);
    Process one = start(host(), one_library, one_name), other = start(host(), other_library, other_name);
    ASSERT_TRUE(one.wait_for("ready\n"));
    ASSERT_TRUE(other.wait_for("ready\n"));

    one.say(home_of(other_name) + " how do you do?");
    EXPECT_TRUE(other.wait_for(home_of(one_name) + " how do you do?\n"));
    other.say(home_of(one_name) + " fine & you?");
    EXPECT_TRUE(one.wait_for(home_of(other_name) + " fine & you?\n"));
}

std::vector<Library> who_can_digest()
{
    std::vector<Library> result = libraries();
    std::erase_if(result,
                  [](const Library &library) { return library.name == "libstrophe" || library.name == "loudmouth"; });
    return result;
}

constexpr auto name_of = [](const auto &info) { return info.param.name; };
constexpr auto names_of = [](const auto &info) {
    return std::get<0>(info.param).name + "_and_" + std::get<1>(info.param).name;
};

INSTANTIATE_TEST_SUITE_P(Made, Clients, testing::ValuesIn(libraries()), name_of);
INSTANTIATE_TEST_SUITE_P(Made, DigestClients, testing::ValuesIn(who_can_digest()), name_of);
INSTANTIATE_TEST_SUITE_P(Made, ClientPairs,
                         testing::Combine(testing::ValuesIn(libraries()), testing::ValuesIn(libraries())), names_of);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Clients);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(DigestClients);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ClientPairs);

} // namespace
} // namespace jabberd::test
