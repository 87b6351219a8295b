// SPDX-License-Identifier: LGPL-2.1-or-later
// Whoever does not read what the whole server writes: its standard error, and answers of the control socket. Two
// friends go on chatting all the same.
#include "base/unique_fd.h"
#include "support/friends.h"
#include "support/running_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::test {
namespace {

using testing::HasSubstr;

std::string many(std::string_view text, std::size_t times)
{
    std::string out;
    while (times-- > 0)
        out += text;
    return out;
}

struct Log {
    explicit Log(const std::string &fifo) : from{open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)} {}

    // Whatever it has now.
    void read_on()
    {
        std::array<char, 65536> buffer;
        for (ssize_t count = 0; (count = read(from.get(), buffer.data(), buffer.size())) > 0;)
            text.append(buffer.data(), static_cast<std::size_t>(count));
    }

    std::size_t longest_line() const
    {
        std::size_t longest = 0;
        for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
            longest = std::max(longest, end + 1 - begin);
        return longest;
    }

    UniqueFd from;
    std::string text;
};

TEST(UnreadLog, StopsNobodyAndTellsWhatWasLost)
{
    // Half of the names take seven bytes in the log for two of the client's.
    const std::string name = many("\u0378", 500);
    RunningHost host{{.sockets = "<limits><connections-per-address>0</connections-per-address><attempts-per-second>0"
                                 "</attempts-per-second></limits>",
                      .before = "mkfifo \"$2\"; exec 7<>\"$2\"; "}};
    Friends friends{host.port()};
    Log log{host.path("log")};
    constexpr int floods = 3000; // of half a kilobyte and more: beyond the pipe and what waits for it
    for (int i = 0; i < floods && !HasFailure(); ++i) {
        Client enemy{host.port(), "127.0.1." + std::to_string(1 + i % 250)};
        enemy.send("<stream:stream to='" + name +
                   "' xmlns='jabber:client' "
                   "xmlns:stream='http://etherx.jabber.org/streams'><iq type='set' id='a'><query "
                   "xmlns='jabber:iq:auth'><username>" +
                   name + "</username></query></iq>");
        EXPECT_NE(enemy.wait_for_ending(), Client::Ending::Open);
    }
    const std::uint64_t before = friends.rounds();
    while (friends.rounds() < before + 100 && !HasFailure())
        EXPECT_EQ(run(host.ctl({"status"})).status, 0);

    // Once it is read, the next line tells what is missing.
    const auto deadline = soon() + std::chrono::seconds{60};
    while (log.text.find("lost here") == std::string::npos && Clock::now() < deadline) {
        Client another{host.port()};
        another.send("GET / HTTP/1.1\r\n\r\n");
        another.wait_for_ending();
        log.read_on();
    }
    EXPECT_THAT(log.text, HasSubstr("lines were lost here, because the log is not read"));
    EXPECT_LE(log.longest_line(), 4096u);
    friends.stop();
}

UniqueFd connected_to(const std::string &path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    UniqueFd client{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    EXPECT_EQ(connect(client.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
    return client;
}

TEST(UnreadAnswers, MakeRoomForTheNextClientOfTheControlSocket)
{
    RunningHost host{{}};
    const std::size_t files = host.open_files();
    std::vector<UniqueFd> silent;
    for (int i = 0; i < 200; ++i) {
        silent.push_back(connected_to(host.path("control")));
        const std::string_view request = i % 2 == 0 ? "trace\n" : "stat"; // never ended
        EXPECT_EQ(write(silent.back().get(), request.data(), request.size()), static_cast<ssize_t>(request.size()));
    }
    EXPECT_EQ(run(host.ctl({"status"})).status, 0);
    EXPECT_LE(host.open_files(), files + 33);
}

} // namespace
} // namespace jabberd::test
