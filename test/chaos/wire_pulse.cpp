// SPDX-License-Identifier: LGPL-2.1-or-later
// Two friends at the byte relay of test/bench, who say what the friends of pulse.h say and hear it, while something
// else goes on there: what a flood costs on this machine where a server does nothing.
// Usage: wire_pulse PORT SECONDS     prints the milliseconds of a round: p50/p99
#include "base/unique_fd.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using jabberd::UniqueFd;

constexpr std::chrono::milliseconds between_rounds{20}; // as in pulse.cpp
constexpr std::string_view pair_number = "friends\n";

void must(bool done, const char *what)
{
    if (!done)
        throw std::system_error{errno, std::generic_category(), what};
}

class Friend {
public:
    explicit Friend(std::uint16_t port)
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        must(connect(fd_.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0, "connect");
        const int on = 1;
        setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        say(pair_number);
    }
    void say(std::string_view bytes) const
    {
        must(send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()), "send");
    }
    void hear(std::size_t size) const
    {
        std::string bytes(size, '\0');
        must(recv(fd_.get(), bytes.data(), size, MSG_WAITALL) == static_cast<ssize_t>(size), "recv");
    }

private:
    UniqueFd fd_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
};

void run(std::uint16_t port, std::chrono::seconds time)
{
    const std::string message = "<message type='chat' to='friend-two@localhost/test'><body>100</body></message>";
    const Friend one{port}, two{port};
    std::vector<double> rounds;
    for (const auto end = Clock::now() + time; Clock::now() < end;) {
        const auto begin = Clock::now();
        one.say(message);
        two.hear(message.size());
        two.say(message);
        one.hear(message.size());
        rounds.push_back(std::chrono::duration<double, std::milli>{Clock::now() - begin}.count());
        std::this_thread::sleep_until(begin + between_rounds);
    }
    std::ranges::sort(rounds);
    std::printf("%.1f/%.1f\n", rounds[rounds.size() / 2], rounds[rounds.size() * 99 / 100]);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 3) {
        std::fputs("wire_pulse PORT SECONDS\n", stderr);
        return 2;
    }
    try {
        run(static_cast<std::uint16_t>(std::atoi(argv[1])), std::chrono::seconds{std::atoi(argv[2])});
        return 0;
    } catch (const std::exception &problem) {
        std::fprintf(stderr, "wire_pulse: %s\n", problem.what());
        return 1;
    }
}
