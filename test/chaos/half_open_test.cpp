// SPDX-License-Identifier: LGPL-2.1-or-later
// Clients whose network vanishes: no FIN, no RST, and nothing that is sent to them arrives. half_open.sh gives us a
// network that can.
#include "support/environment.h"
#include "support/process.h"
#include "trial.h"

#include <gtest/gtest.h>

#include <charconv>
#include <memory>
#include <string>
#include <vector>

namespace jabberd::chaos {
namespace {

using test::User;

constexpr const char *our_end = "10.98.0.1", *far_end = "10.98.0.10"; // and the four that follow it
constexpr unsigned far_addresses = 4, far_connections = 75;           // of each
constexpr unsigned others = 3;                                        // the friends, and the one who writes

// More than a kernel takes for one of them, and no more than is stored for one.
constexpr unsigned written_to = 4, messages = 22, message_bytes = 10'000;

std::vector<std::string> at_the_far_end(std::vector<std::string> command)
{
    const std::vector<std::string> enter{"nsenter", "--net=" + test::environment("PEER_NETWORK")};
    command.insert(command.begin(), enter.begin(), enter.end());
    return command;
}

std::uint16_t port_at(const test::RunningHost &host, const std::string &address)
{
    const std::string status = test::run(host.ctl({"status"})).output;
    const auto at = status.find(address + ":");
    std::uint16_t port = 0;
    if (at != std::string::npos)
        std::from_chars(status.data() + at + address.size() + 1, status.data() + status.size(), port);
    EXPECT_NE(port, 0) << status;
    return port;
}

std::string name_of(unsigned victim)
{
    return "flood" + std::to_string(1 + victim % far_addresses) + "-" + std::to_string(victim / far_addresses);
}

std::string words(unsigned message)
{
    return std::to_string(message) + std::string(message_bytes, 'x');
}

unsigned number_of(const User::Message &message)
{
    unsigned number = messages;
    std::from_chars(message.body.data(), message.body.data() + message.body.size(), number);
    return number;
}

TEST(HalfOpenChaos, ClientsWhoseNetworkVanishesAreFoundOut)
{
    if (test::environment("PEER_NETWORK").empty())
        GTEST_SKIP() << "no network that can vanish: test/chaos/half_open.sh makes one";
    // In the long form the kernel has the patience that we ask of it: three minutes.
    const std::chrono::seconds patience{is_long() ? 400 : 20};
    const std::string hasty = "export LD_PRELOAD='" + test::needed_environment("HASTY_KERNEL") +
                              "' ASAN_OPTIONS=\"$ASAN_OPTIONS:verify_asan_link_order=0\"; ";
    Trial trial{{.sockets = "<listen port='0'>" + std::string{our_end} + "</listen><heartbeat>1</heartbeat>",
                 .before = is_long() ? "" : hasty}};
    test::RunningHost &host = trial.host();
    auto writer = std::make_unique<User>(host.port(), "writer");
    auto flood = std::make_unique<test::Process>(
        at_the_far_end({"env", std::string{"FLOOD_TO="} + our_end, std::string{"FLOOD_FROM="} + far_end,
                        test::needed_environment("FLOOD"), "listeners", std::to_string(port_at(host, our_end)),
                        std::to_string(far_addresses), std::to_string(far_connections), "600"}));
    ASSERT_TRUE(host.wait_for_counter("logins", far_addresses * far_connections + others));

    EXPECT_EQ(test::run(at_the_far_end({"ip", "link", "set", "there", "down"})).status, 0);
    flood.reset(); // its kernel's last words are not heard
    const auto begin = test::Clock::now();
    for (unsigned message = 0; message < messages; ++message) {
        for (unsigned victim = 0; victim < written_to; ++victim)
            writer->say(name_of(victim) + "@localhost", words(message));
    }
    trial.watch(seconds() * 10);
    while (host.counter("connections") != others && test::Clock::now() < begin + patience)
        trial.watch(1);
    EXPECT_EQ(host.counter("connections"), others);
    const test::Result heard = test::run({"grep", "10.98.*closed by the client", host.path("log")});
    EXPECT_EQ(heard.output, "") << "an end was heard: this tries nothing";
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(test::Clock::now() - begin);
    trial.recover();

    // What our kernel has taken, and theirs never got, is lost: without XEP-0198 nobody knows of it. What it had no
    // room for waits for the next login, without a gap.
    unsigned kept = 0;
    for (unsigned victim = 0; victim < written_to; ++victim) {
        User back{host.port(), name_of(victim)};
        auto said = back.hear();
        ASSERT_TRUE(said.has_value()) << name_of(victim) << " is told nothing";
        for (auto message = number_of(*said); message < messages; ++message, said = back.hear()) {
            ASSERT_TRUE(said.has_value()) << message << " of " << name_of(victim);
            ASSERT_EQ(number_of(*said), message) << "to " << name_of(victim);
            ++kept;
            if (message + 1 == messages)
                break;
        }
    }
    writer.reset();
    trial.end("half-open", std::to_string(far_addresses * far_connections) + " connections were all found out after " +
                               std::to_string(took.count()) + " ms; of " + std::to_string(written_to * messages) +
                               " messages to them " + std::to_string(kept) +
                               " were kept, and the kernel had the others");
}

} // namespace
} // namespace jabberd::chaos
