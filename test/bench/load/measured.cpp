// SPDX-License-Identifier: LGPL-2.1-or-later
#include "load/measured.h"

#include "load/percentiles.h"

#include <unistd.h>

#include <array>
#include <cstdio>

namespace jabberd::bench {

namespace {

// From its making on.
class Stretch {
public:
    explicit Stretch(const Options &options) : servers_(options.servers) {}

    double wall() const { return seconds(std::chrono::steady_clock::now() - begin_); }
    double servers() const { return seconds(cpu_time(servers_) - servers_before_); }
    double own() const { return seconds(cpu_time(self_) - own_before_); }

private:
    const std::span<const pid_t> servers_;
    const std::array<pid_t, 1> self_{getpid()};
    const std::chrono::nanoseconds servers_before_ = cpu_time(servers_), own_before_ = cpu_time(self_);
    const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

} // namespace

void measure_exchange(const Options &options, Chat &chat, const std::function<unsigned()> &exchange)
{
    const Stretch stretch{options};
    const unsigned messages = exchange();
    const double wall = stretch.wall(), used = stretch.servers(), own = stretch.own();
    std::printf("messages %u\nseconds %.3f\nmessages_per_second %.0f\ncpu_us_per_message %.3f\ncpu_percent "
                "%.1f\nload_cpu_percent %.1f\n",
                messages, wall, messages / wall, used / messages * 1e6, used / wall * 100, own / wall * 100);
    print_times("message", chat.times());
}

void measure_logins(const Options &options, Crowd &crowd, unsigned count)
{
    const Memory before = memory(options.servers);
    const double logins = count - crowd.size();
    const Stretch stretch{options};
    crowd.grow_to(count);
    const double wall = stretch.wall(), used = stretch.servers(), own = stretch.own();
    const Memory after = memory(options.servers);
    const auto growth = [&](std::size_t Memory::*kind) {
        return (static_cast<double>(after.*kind) - static_cast<double>(before.*kind)) / logins;
    };
    std::printf("logins %u\nseconds %.3f\nlogins_per_second %.0f\ncpu_us_per_login %.0f\nload_cpu_percent %.1f\n",
                count, wall, logins / wall, used / logins * 1e6, own / wall * 100);
    std::printf("resident_bytes %zu\nresident_bytes_per_login %.0f\nanonymous_bytes_per_login %.0f\n", after.resident,
                growth(&Memory::resident), growth(&Memory::anonymous));
}

} // namespace jabberd::bench
