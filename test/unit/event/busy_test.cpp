// SPDX-License-Identifier: LGPL-2.1-or-later
// How much of its time a loop is not asleep.
#include "event/loop.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>

namespace jabberd::event {
namespace {

using namespace std::chrono_literals;

// Time passes by the test's word, and between the two looks around a sleep.
class SleepyClock final : public Clock {
public:
    Time time{1h};
    Duration sleep{0};
    mutable unsigned looks = 0;

    Time now() const override { return time + sleep * looks++; }
};

class IdleTurns final : public Turns {
private:
    void on_turn_end() override {}
};

class BusyWork final : public Task {
public:
    explicit BusyWork(std::function<void()> what) : what_(std::move(what)) {}
    void run() override { what_(); }

private:
    std::function<void()> what_;
};

TEST(BusyLoop, IsOneThatWorks)
{
    SleepyClock clock;
    IdleTurns turns;
    Loop loop{clock, turns};
    loop.post(std::make_unique<BusyWork>([&] { clock.time += 5ms; }));
    loop.turn(false);
    EXPECT_EQ(loop.busy().get(), 0u) << "it looks at the clock when the work is done";
    loop.turn(false);
    EXPECT_EQ(loop.busy().get(), 5000000u);
    loop.turn(false);
    EXPECT_EQ(loop.busy().get(), 5000000u);
}

TEST(BusyLoop, IsNotOneThatSleeps)
{
    class Deadline final : public Timer {
        void on_timer() override {}
    } deadline;
    SleepyClock clock;
    IdleTurns turns;
    Loop loop{clock, turns};
    loop.timers().set(deadline, clock.time + 1ms); // so that it wakes
    clock.looks = 0;
    clock.sleep = 2ms; // from the look before to the one behind
    loop.turn(true);
    EXPECT_EQ(loop.busy().get(), 0u);
    clock.sleep = 0ms;
    clock.time += 2ms + 3ms; // since it woke, work
    loop.turn(false);
    EXPECT_EQ(loop.busy().get(), 3000000u);
}

} // namespace
} // namespace jabberd::event
