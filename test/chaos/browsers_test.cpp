// SPDX-License-Identifier: LGPL-2.1-or-later
// Connections by the thousand that ask for a WebSocket, or only begin to, and say nothing then, while two friends chat.
#include "support/environment.h"
#include "support/log_file.h"
#include "support/process.h"
#include "trial.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace jabberd::chaos {
namespace {

constexpr unsigned two_friends = 2;

std::size_t lines_of(const test::RunningHost &host)
{
    const std::string log = test::contents_of(host.path("log"));
    return static_cast<std::size_t>(std::ranges::count(log, '\n'));
}

TEST(BrowserChaos, HalfOpenWebSocketsAreLeftInTime)
{
    const unsigned places = is_long() ? 10 : 4, of_each = is_long() ? 1000 : 90, all = places * of_each;
    const std::string authtime = is_long() ? "10" : "3";
    Trial trial{{.sockets = "<websocket/><authtime>" + authtime + "</authtime>"}};
    test::RunningHost &host = trial.host();
    const double before = trial.resident_mb();
    const std::size_t lines = lines_of(host);
    test::Process flood{{test::needed_environment("FLOOD"), "half-open-websockets", std::to_string(host.port()),
                         std::to_string(places), std::to_string(of_each), "600"}};
    std::uint64_t accepted = 0, now = 0, most = 0;
    double held = 0;
    const auto end = test::Clock::now() + std::chrono::seconds{120};
    do {
        trial.watch(1);
        accepted = host.counter("accepted");
        now = host.counter("connections") - two_friends;
        if (now > most) {
            most = now;
            held = trial.resident_mb() - before;
        }
    } while ((now > 0 || accepted < all + two_friends) && test::Clock::now() < end);
    EXPECT_EQ(host.counter("connections"), two_friends) << "some are still there";
    EXPECT_EQ(flood.wait(), 0) << flood.output();
    // Of three one has a WebSocket, in which it is told so; what the others are told is HTTP.
    const unsigned opened = places * (of_each / 3);
    EXPECT_NE(flood.output().find("connection-timeout x " + std::to_string(opened)), std::string::npos)
        << flood.output();
    EXPECT_NE(flood.output().find("408 x " + std::to_string(all - opened)), std::string::npos) << flood.output();
    EXPECT_EQ(host.counter("websockets"), opened);
    EXPECT_LE(lines_of(host), lines + all) << "more than a line about each";
    trial.recover();
    char words[120];
    std::snprintf(words, sizeof words, "%u connections, %llu of them at once, %.0f bytes each; %zu lines of log", all,
                  static_cast<unsigned long long>(most),
                  held * 1e6 / static_cast<double>(std::max<std::uint64_t>(1, most)), lines_of(host) - lines);
    trial.end("half-open-websockets", words);
}

} // namespace
} // namespace jabberd::chaos
