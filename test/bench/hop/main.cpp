// SPDX-License-Identifier: LGPL-2.1-or-later
// What one more process on the way of a packet costs, and how long it takes: two processes, and what is between them.
//
// hop relay|tcp|nats [--rate N] [--packets N] [--bytes N] [--server URL] [--broker PID]
// N packets a second, evenly; 0: as many as go. Prints a key and its value in each line. What begins and ends is not
// measured.
#include "base/unique_fd.h"
#include "base/view.h"
#include "hop/way.h"
#include "load/usage.h"

#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace jabberd;
using namespace jabberd::bench;
using std::chrono::nanoseconds;

struct Options {
    std::string by;
    unsigned rate = 0, packets = 100'000, bytes = 200;
    std::string server = "nats://127.0.0.1:4222";
    pid_t broker = 0;
};

Options parse(int argc, char **argv)
{
    Options options;
    const auto number = [](const char *text) { return static_cast<unsigned>(std::strtoul(text, nullptr, 10)); };
    options.by = argc > 1 ? argv[1] : "";
    for (int i = 2; i + 1 < argc; i += 2) {
        const std::string_view word = argv[i];
        const char *value = argv[i + 1];
        if (word == "--rate")
            options.rate = number(value);
        else if (word == "--packets")
            options.packets = number(value);
        else if (word == "--bytes")
            options.bytes = number(value);
        else if (word == "--server")
            options.server = value;
        else if (word == "--broker")
            options.broker = static_cast<pid_t>(number(value));
        else
            throw std::invalid_argument{"unknown: " + std::string{word}};
    }
    if (options.by != "relay" && options.by != "tcp" && options.by != "nats")
        throw std::invalid_argument{"hop relay|tcp|nats [--rate N] [--packets N] [--bytes N] [--server URL] "
                                    "[--broker PID]"};
    if (options.packets < 10)
        throw std::invalid_argument{"--packets needs 10 at least"};
    return options;
}

std::uint64_t now()
{
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time); // the same in both processes
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(time.tv_nsec);
}

nanoseconds cpu_of_this()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval &time) {
        return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

// Begins to be measured when a tenth has passed: what is new has been made by then.
unsigned warm_up(const Options &options)
{
    return options.packets / 10;
}

struct Pipe {
    Pipe()
    {
        if (::pipe(ends.data()) != 0)
            throw std::runtime_error{"no pipe"};
    }
    template <typename Value>
    void put(const Value &value) const
    {
        if (::write(ends[1], &value, sizeof value) != sizeof value)
            throw std::runtime_error{"the other process is gone"};
    }
    template <typename Value>
    Value get() const
    {
        Value value{};
        if (::read(ends[0], &value, sizeof value) != sizeof value)
            throw std::runtime_error{"the other process is gone"};
        return value;
    }
    std::array<int, 2> ends;
};

struct FarReport {
    nanoseconds cpu{};
    double p50_us = 0, p99_us = 0, per_second = 0;
};

std::uint16_t free_port()
{
    const UniqueFd fd{::socket(AF_INET, SOCK_STREAM, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 ||
        ::getsockname(fd.get(), reinterpret_cast<sockaddr *>(&address), &size) != 0)
        throw std::runtime_error{"no port"};
    return ntohs(address.sin_port);
}

std::string carrier(const Options &options, Ports ports, bool near)
{
    if (options.by == "nats")
        return "<nats><server>" + options.server + "</server></nats>";
    return "<tcp><listen port='" + std::to_string(near ? ports.near : ports.far) +
           "'>127.0.0.1</listen><secret>a secret of this benchmark</secret><peer name='" + (near ? "far" : "near") +
           "' port='" + std::to_string(near ? ports.far : ports.near) + "'>127.0.0.1</peer></tcp>";
}

void be_far(const Options &options, Ports ports, const Pipe &report, const Pipe &end)
{
    std::vector<double> latencies;
    latencies.reserve(options.packets);
    nanoseconds cpu{};
    std::uint64_t began = 0;
    unsigned count = 0;
    const Arrival arrival = [&](const jabberd_packet &packet) {
        const std::uint64_t time = now();
        std::uint64_t sent = 0;
        std::from_chars(text(packet.id).data(), text(packet.id).data() + text(packet.id).size(), sent);
        if (++count > warm_up(options))
            latencies.push_back(static_cast<double>(time - sent) / 1000);
        if (count == warm_up(options)) {
            cpu = cpu_of_this();
            began = time;
        }
        if (count != options.packets)
            return;
        std::ranges::sort(latencies);
        report.put(FarReport{cpu_of_this() - cpu, latencies[latencies.size() / 2],
                             latencies[latencies.size() * 99 / 100],
                             static_cast<double>(latencies.size()) * 1e9 / static_cast<double>(time - began)});
    };
    const auto way =
        options.by == "relay" ? relay_far(ports, arrival) : link_end(false, carrier(options, ports, false), arrival);
    end.get<char>();
}

void be_near(const Options &options, Ports ports, const Pipe &report, const Pipe &end)
{
    const auto way = options.by == "relay"
                         ? relay_near(ports)
                         : link_end(true, carrier(options, ports, true), [](const jabberd_packet &) {});
    way->wait_until_there();
    const std::string body = "<body>" + std::string(options.bytes, 'x') + "</body>",
                      to = std::string{"bob@"} + far_name;
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = view("message");
    packet.to = view(to);
    packet.from = view("ann@near.example/home");
    packet.type = view("chat");
    packet.sto = view(to);
    packet.sfrom = view("17@c2s/1");
    packet.body = view(body);
    nanoseconds cpu{};
    const std::uint64_t between = options.rate == 0 ? 0 : 1'000'000'000u / options.rate;
    std::uint64_t due = now();
    for (unsigned i = 0; i < options.packets; ++i) {
        if (i == warm_up(options))
            cpu = cpu_of_this();
        if (between != 0) {
            due += between;
            const timespec until{static_cast<time_t>(due / 1'000'000'000u), static_cast<long>(due % 1'000'000'000u)};
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
        }
        const std::string id = std::to_string(now());
        packet.id = view(id);
        way->send(packet);
    }
    end.get<char>();
    report.put(cpu_of_this() - cpu);
}

template <typename Play>
pid_t fork_to(const Play &play)
{
    const pid_t child = fork();
    if (child != 0)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    try {
        play();
        _exit(0);
    } catch (const std::exception &problem) {
        std::fprintf(stderr, "hop: %s\n", problem.what());
        _exit(1);
    }
}

void run(const Options &options)
{
    const Ports ports{free_port(), free_port()};
    const Pipe from_far, from_near, to_far, to_near;
    const std::span<const pid_t> brokers{&options.broker, options.broker == 0 ? 0u : 1u};
    const nanoseconds broker_before = cpu_time(brokers);
    const pid_t far = fork_to([&] { be_far(options, ports, from_far, to_far); });
    const pid_t near = fork_to([&] { be_near(options, ports, from_near, to_near); });
    const auto report = from_far.get<FarReport>();
    to_near.put('.');
    const auto near_cpu = from_near.get<nanoseconds>();
    const nanoseconds broker = cpu_time(brokers) - broker_before;
    const double measured = options.packets - warm_up(options);
    const double near_us = static_cast<double>(near_cpu.count()) / 1000 / measured,
                 far_us = static_cast<double>(report.cpu.count()) / 1000 / measured,
                 broker_us = static_cast<double>(broker.count()) / 1000 / options.packets;
    std::printf("cpu_us %.2f\ncpu_us_near %.2f\ncpu_us_far %.2f\ncpu_us_broker %.2f\np50_us %.0f\np99_us "
                "%.0f\nper_second %.0f\n",
                near_us + far_us + broker_us, near_us, far_us, broker_us, report.p50_us, report.p99_us,
                report.per_second);
    waitpid(near, nullptr, 0);
    to_far.put('.');
    waitpid(far, nullptr, 0);
}

} // namespace

int main(int argc, char **argv)
{
    try {
        run(parse(argc, argv));
        return 0;
    } catch (const std::exception &problem) {
        std::fprintf(stderr, "hop: %s\n", problem.what());
        return 1;
    }
}
