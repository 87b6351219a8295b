// SPDX-License-Identifier: LGPL-2.1-or-later
// Load on a server, and what it costs that server: processor time for a message, memory for an idle login. Prints `key
// value` lines.
#include "load/chat.h"
#include "load/crowd.h"
#include "load/options.h"
#include "load/usage.h"

#include <csignal>
#include <cstdio>
#include <exception>

namespace jabberd::bench {

namespace {

double seconds(std::chrono::nanoseconds time)
{
    return std::chrono::duration<double>{time}.count();
}

void talk(const Options &options)
{
    Crowd crowd{options};
    crowd.grow_to(options.pairs * 2);
    Chat chat{crowd, options};
    const auto exchange = [&](unsigned messages) {
        return options.rate > 0 ? chat.exchange_at_rate(messages) : chat.exchange(messages);
    };
    exchange(options.messages / 20); // until every buffer has its size

    const auto cpu = cpu_time(options.server);
    const auto begin = std::chrono::steady_clock::now();
    const unsigned messages = exchange(options.messages);
    const double wall = seconds(std::chrono::steady_clock::now() - begin);
    const double used = seconds(cpu_time(options.server) - cpu);
    std::printf("messages %u\nseconds %.3f\ncpu_us_per_message %.3f\ncpu_percent %.1f\n", messages, wall,
                used / messages * 1e6, used / wall * 100);
}

void stay_idle(const Options &options)
{
    Crowd crowd{options};
    crowd.grow_to(options.idle_from);
    const Memory before = memory(options.server);
    const auto cpu_before = cpu_time(options.server);
    crowd.grow_to(options.idle_to);
    const double logins = options.idle_to - options.idle_from;
    std::printf("cpu_us_per_login %.0f\n", seconds(cpu_time(options.server) - cpu_before) / logins * 1e6);
    const Memory after = memory(options.server);
    const auto growth = [&](std::size_t Memory::*kind) {
        return (static_cast<double>(after.*kind) - static_cast<double>(before.*kind)) / logins;
    };
    std::printf("logins %u\nresident_bytes %zu\nresident_bytes_per_login %.0f\nanonymous_bytes_per_login %.0f\n",
                options.idle_to, after.resident, growth(&Memory::resident), growth(&Memory::anonymous));
    if (options.quiet.count() == 0)
        return;
    const auto cpu = cpu_time(options.server);
    crowd.poller().watch([&](unsigned number) { crowd.link(number).receive(); }, options.quiet);
    std::printf("quiet_cpu_ms_per_second %.3f\n",
                seconds(cpu_time(options.server) - cpu) * 1e3 / static_cast<double>(options.quiet.count()));
}

} // namespace

} // namespace jabberd::bench

int main(int argc, char **argv)
try {
    const auto options = jabberd::bench::parse_options(argc, argv);
    if (!options)
        return 2;
    std::signal(SIGPIPE, SIG_IGN); // OpenSSL's writes
    options->idle_to > 0 ? jabberd::bench::stay_idle(*options) : jabberd::bench::talk(*options);
    return 0;
} catch (const std::exception &problem) {
    std::fprintf(stderr, "load: %s\n", problem.what());
    return 1;
}
