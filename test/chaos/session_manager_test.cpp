// SPDX-License-Identifier: LGPL-2.1-or-later
// Hundreds of clients log in to a session manager that is slow, silent, gone, full or mad, while two friends chat by
// another one of the same host.
#include "support/environment.h"
#include "support/log_file.h"
#include "support/process.h"
#include "trial.h"

#include <gtest/gtest.h>

#include <fstream>
#include <ostream>
#include <string>

namespace jabberd::chaos {
namespace {

constexpr unsigned addresses = 6, connections = 100; // of each

constexpr const char *authtime = "2";

struct Wrong {
    const char *does;
    const char *told; // what its clients are told, by and by

    friend void PrintTo(const Wrong &wrong, std::ostream *out) { *out << wrong.does; }
};

std::string section(const std::string &does)
{
    return "<wrong xmlns='test:chaos' does='" + does + "'/>";
}

std::string service(const std::string &does)
{
    return "<service id='other'><host>other.localhost</host><load><wrong_session_manager>" +
           test::needed_environment("WRONG_SESSION_MANAGER") + "</wrong_session_manager></load>" + section(does) +
           "</service>";
}

// From now on it does something else.
void change(const test::RunningHost &host, const std::string &from, const std::string &to)
{
    std::string config = test::contents_of(host.path("jabber.xml"));
    config.replace(config.find(section(from)), section(from).size(), section(to));
    std::ofstream{host.path("jabber.xml")} << config;
    const test::Result reload = test::run(host.ctl({"reload"}));
    EXPECT_EQ(reload.status, 0) << reload.output;
}

class SessionManagerChaos : public testing::TestWithParam<Wrong> {};

TEST_P(SessionManagerChaos, IsOfItsOwnClientsOnly)
{
    const Wrong wrong = GetParam();
    Trial trial{{.sockets = "<plain>always</plain><authtime>" + std::string{authtime} + "</authtime>",
                 .services = service(wrong.does)}};
    // Long enough for the last of them to be told.
    const unsigned lasts = seconds() + 2;
    test::Process flood{{test::needed_environment("FLOOD"), "other-logins", std::to_string(trial.host().port()),
                         std::to_string(addresses), std::to_string(connections), std::to_string(lasts)}};
    trial.watch(lasts * 10);
    EXPECT_EQ(flood.wait(), 0) << flood.output();
    EXPECT_NE(flood.output().find(wrong.told), std::string::npos) << flood.output();
    trial.recover();

    // Once it is itself again, so are its clients.
    change(trial.host(), wrong.does, "well");
    {
        const test::User late{trial.host().port(), "late", "test", "other.localhost"};
    }
    trial.end(std::string{"session manager "} + wrong.does, flood.output());
}

INSTANTIATE_TEST_SUITE_P(, SessionManagerChaos,
                         testing::Values(Wrong{"slow", "connection-timeout"}, Wrong{"silent", "connection-timeout"},
                                         Wrong{"gone", "remote-connection-failed"}, Wrong{"full", "connection-timeout"},
                                         Wrong{"nonsense", "internal-server-error"}, Wrong{"blocks", ""}),
                         [](const testing::TestParamInfo<Wrong> &wrong) { return std::string{wrong.param.does}; });

} // namespace
} // namespace jabberd::chaos
