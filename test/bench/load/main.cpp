// SPDX-License-Identifier: LGPL-2.1-or-later
// Load on a server, and what it costs that server: processor time for a message, memory for an idle login. Prints `key
// value` lines.
#include "load/measured.h"
#include "load/options.h"
#include "load/requests.h"

#include <csignal>
#include <cstdio>
#include <exception>

namespace jabberd::bench {

namespace {

void talk(const Options &options)
{
    Crowd crowd{options};
    crowd.grow_to(options.pairs * 2);
    Chat chat{crowd, options};
    const auto exchange = [&](unsigned messages) {
        return options.rate > 0 ? chat.exchange_at_rate(options.rate, messages)
                                : chat.exchange(options.window, messages);
    };
    exchange(options.messages / 20); // until every buffer has its size
    measure_exchange(options, chat, [&] { return exchange(options.messages); });
}

void stay_idle(const Options &options)
{
    Crowd crowd{options};
    crowd.grow_to(options.idle_from);
    measure_logins(options, crowd, options.idle_to);
    if (options.quiet.count() == 0)
        return;
    const auto cpu = cpu_time(options.servers);
    crowd.poller().watch([&](unsigned number) { crowd.link(number).receive(); }, options.quiet);
    std::printf("quiet_cpu_ms_per_second %.3f\n",
                seconds(cpu_time(options.servers) - cpu) * 1e3 / static_cast<double>(options.quiet.count()));
}

void run(const Options &options)
{
    if (options.asked)
        answer_requests(options);
    else if (options.idle_to > 0)
        stay_idle(options);
    else
        talk(options);
}

} // namespace

} // namespace jabberd::bench

int main(int argc, char **argv)
try {
    const auto options = jabberd::bench::parse_options(argc, argv);
    if (!options)
        return 2;
    std::signal(SIGPIPE, SIG_IGN); // OpenSSL's writes
    jabberd::bench::run(*options);
    return 0;
} catch (const std::exception &problem) {
    std::fprintf(stderr, "load: %s\n", problem.what());
    return 1;
}
