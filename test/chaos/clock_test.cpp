// SPDX-License-Identifier: LGPL-2.1-or-later
// The wall clock jumps by hours, days and years, both ways, while friends chat and time limits run. Only the server's
// own: the machine's clock stays as it is.
#include "support/environment.h"
#include "support/friends.h"
#include "support/process.h"
#include "support/temp_dir.h"
#include "trial.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace jabberd::chaos {
namespace {

using test::Client;
using test::User;

constexpr std::int64_t hour = 3600, day = 24 * hour, year = 365 * day;

// The wall clock of a server.
class WallClock {
public:
    WallClock() : path_(directory_.write("clock", std::string(sizeof(std::int64_t), '\0'))) {}

    void jump_to(std::int64_t seconds_ahead) const
    {
        std::fstream file{path_, std::ios::in | std::ios::out | std::ios::binary};
        file.write(reinterpret_cast<const char *>(&seconds_ahead), sizeof seconds_ahead);
    }

    // For RunningHost::Settings::before. A sanitizer's library would like to come first, and need not.
    std::string commands() const
    {
        return "export WALL_CLOCK='" + path_ + "' LD_PRELOAD='" + test::needed_environment("WALL_CLOCK_LIBRARY") +
               "' ASAN_OPTIONS=\"$ASAN_OPTIONS:verify_asan_link_order=0\"; ";
    }

private:
    test::TempDir directory_;
    const std::string path_;
};

constexpr const char *header =
    "<stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

TEST(ClockChaos, JumpsOfTheWallClockEndNothing)
{
    constexpr std::chrono::seconds authtime{3};
    const WallClock clock;
    Trial trial{{.sockets = "<authtime>3</authtime><tls required='no'><certificate file='localhost.pem' "
                            "self-signed='localhost'/></tls>",
                 .before = clock.commands()}};
    const std::uint16_t port = trial.host().port();

    std::vector<std::unique_ptr<User>> idle;
    for (int i = 0; i < 20; ++i)
        idle.push_back(std::make_unique<User>(port, "idle-" + std::to_string(i)));
    User slow{port, "slow"};
    slow.client().send("<message type='chat' to='" + idle.front()->address() + "'><body>begun ");
    const auto begin = test::Clock::now();
    std::vector<std::unique_ptr<Client>> silent;
    for (int i = 0; i < 20; ++i) {
        silent.push_back(std::make_unique<Client>(port));
        silent.back()->send(header);
    }

    constexpr std::array jumps{3 * hour, -5 * hour, 0 * hour, 25 * hour, -2 * day, 20 * year, -20 * year};
    std::size_t jump = 0;
    for (unsigned tenth = 0; tenth < seconds() * 10; ++tenth) {
        clock.jump_to(jumps[jump++ % jumps.size()]);
        trial.watch(1);
        if (tenth % 5 == 0) { // the certificate's dates are read anew
            const test::Result reload = test::run(trial.host().ctl({"reload"}));
            EXPECT_EQ(reload.status, 0) << reload.output;
        }
    }
    // A deadline comes neither sooner nor later for it.
    for (const auto &client : silent) {
        EXPECT_NE(client->wait_for_ending(), Client::Ending::Open);
        EXPECT_GE(test::Clock::now() - begin, authtime);
        EXPECT_NE(client->received().find("connection-timeout"), std::string::npos) << client->received();
    }
    trial.recover();

    slow.client().send("and finished</body></message>");
    EXPECT_EQ(idle.front()->hear(), (User::Message{slow.address(), "begun and finished"}));
    for (const auto &user : idle) {
        slow.say(user->address(), "still there?");
        EXPECT_EQ(user->hear(), (User::Message{slow.address(), "still there?"}));
    }
    idle.clear();
    slow.client().close();
    trial.end("wall clock", std::to_string(jump) + " jumps; 20 idle sessions stayed, 20 logins ended in their time");
}

TEST(ClockChaos, JumpsOfTheWallClockDoNotHinderASwap)
{
    const WallClock clock;
    test::RunningHost host{{.before = clock.commands()}};
    test::Friends friends{host.port()};
    unsigned files = 0;
    for (const std::int64_t ahead : {-5 * hour, 3 * hour, -20 * year, 20 * year}) {
        clock.jump_to(ahead);
        for (const char *file : {"PLAIN_SOCKET_MANAGER", "SOCKET_MANAGER"}) {
            const std::string next = host.path("next-" + std::to_string(files++) + ".so");
            std::filesystem::copy_file(test::needed_environment(file), next);
            const test::Result swap = test::run(host.ctl({"swap", "c2s", next}));
            EXPECT_EQ(swap.status, 0) << file << ", " << ahead << " seconds ahead: " << swap.output;
        }
    }
    friends.stop();
    host.stop();
}

} // namespace
} // namespace jabberd::chaos
