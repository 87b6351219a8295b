// SPDX-License-Identifier: LGPL-2.1-or-later
#include "trial.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace jabberd::chaos {

namespace {

constexpr unsigned usual_seconds = 2;
constexpr std::uint64_t memory_of_all = 268'435'456; // <memory/>, by default

double resident_mb_of(pid_t pid)
{
    std::ifstream statm{"/proc/" + std::to_string(pid) + "/statm"};
    std::uint64_t all = 0, resident = 0;
    statm >> all >> resident;
    return static_cast<double>(resident * 4096) / 1e6;
}

} // namespace

unsigned seconds()
{
    const char *wanted = std::getenv("CHAOS_SECONDS"); // NOLINT: no thread sets one meanwhile
    return wanted == nullptr ? usual_seconds : static_cast<unsigned>(std::atoi(wanted));
}

bool is_long()
{
    return seconds() > usual_seconds;
}

void wait(unsigned times_100_ms)
{
    std::this_thread::sleep_for(std::chrono::milliseconds{100} * times_100_ms);
}

Trial::Trial(const test::RunningHost::Settings &settings) : host_(settings), pulse_(host_.port())
{
    wait(10);
    before_ = pulse_.take();
    resident_before_ = resident_ = resident_mb();
}

void Trial::watch(unsigned times_100_ms)
{
    for (; times_100_ms > 0; --times_100_ms, ++looks_) {
        wait(1);
        if (looks_ % 5 == 0)
            held_ = std::max(held_, host_.counter("bytes held"));
        resident_ = std::max(resident_, resident_mb());
    }
}

double Trial::resident_mb() const
{
    return resident_mb_of(host_.pid());
}

void Trial::recover()
{
    during_ = pulse_.take();
    recovered_ = pulse_.wait_for_a_round_of(std::max(1.0, 2 * before_.p99_ms));
    pulse_.take();
}

void Trial::end(const std::string &name, const std::string &words)
{
    wait(10);
    const Pulse::Figures after = pulse_.take();
    std::printf("%-26s p50/p99 ms before %.1f/%.1f during %.1f/%.1f (%zu rounds) after %.1f/%.1f; recovered "
                "in %lld ms; held %.1f MB, resident %+.1f MB; %s%s",
                name.c_str(), before_.p50_ms, before_.p99_ms, during_.p50_ms, during_.p99_ms, during_.rounds,
                after.p50_ms, after.p99_ms, static_cast<long long>(recovered_.count()),
                static_cast<double>(held_) / 1e6, resident_ - resident_before_, words.c_str(),
                words.ends_with('\n') ? "" : "\n");
    EXPECT_GT(during_.rounds, 0u) << "nothing was said during the attack";
    EXPECT_LE(held_, 2 * memory_of_all);
    pulse_.stop();
    host_.stop();
}

} // namespace jabberd::chaos
