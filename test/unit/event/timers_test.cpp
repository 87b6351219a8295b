// SPDX-License-Identifier: LGPL-2.1-or-later
#include "event/timers.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>
#include <vector>

namespace jabberd::event {
namespace {

using namespace std::chrono_literals;

constexpr Time start{1000h};

class Alarm final : public Timer {
public:
    std::function<void()> ring = [] {};
    int rings = 0;

private:
    void on_timer() override
    {
        ++rings;
        const auto what = ring; // may destroy us
        what();
    }
};

TEST(Timers, FireLateByATickAndNeverEarly)
{
    std::mt19937 random{1};
    for (int i = 0; i < 2000; ++i) {
        Timers timers{start};
        Alarm alarm;
        const Time deadline = start + std::chrono::microseconds{random() % 400'000'000}; // up to four laps
        timers.set(alarm, deadline);
        Time now = start;
        while (alarm.rings == 0) {
            now += std::chrono::milliseconds{1 + random() % 3000};
            timers.expire(now);
            EXPECT_TRUE(alarm.rings == 1 || now < deadline + Timers::tick)
                << "late: " << (now - deadline).count() << " ns";
            ASSERT_FALSE(alarm.rings == 1 && now < deadline) << "early: " << (deadline - now).count() << " ns";
        }
    }
}

TEST(Timers, FireOnce)
{
    Timers timers{start};
    Alarm alarm;
    timers.set(alarm, start + 1s);
    EXPECT_TRUE(alarm.armed());
    timers.expire(start + 2s);
    timers.expire(start + 500s);
    EXPECT_EQ(alarm.rings, 1);
    EXPECT_FALSE(alarm.armed());
}

TEST(Timers, FireWhatIsPastAtTheNextTick)
{
    Timers timers{start};
    Alarm alarm;
    timers.expire(start + 10s);
    timers.set(alarm, start - 5s);
    timers.expire(start + 10s + Timers::tick);
    EXPECT_EQ(alarm.rings, 1);
}

TEST(Timers, WaitSeveralLapsForAFarDeadline)
{
    Timers timers{start};
    Alarm alarm;
    timers.set(alarm, start + 24h);
    for (Time now = start; now < start + 24h; now += 17s)
        timers.expire(now);
    EXPECT_EQ(alarm.rings, 0);
    timers.expire(start + 24h + 100ms);
    EXPECT_EQ(alarm.rings, 1);
}

TEST(Timers, SeeEverythingAfterALongSleep)
{
    Timers timers{start};
    std::vector<Alarm> alarms(300);
    for (std::size_t i = 0; i < alarms.size(); ++i)
        timers.set(alarms[i], start + i * 1s);
    timers.expire(start + 1h);
    for (const Alarm &alarm : alarms)
        EXPECT_EQ(alarm.rings, 1);
}

TEST(Timers, SetAgainMoves)
{
    Timers timers{start};
    Alarm alarm;
    timers.set(alarm, start + 1s);
    timers.set(alarm, start + 10s);
    timers.expire(start + 5s);
    EXPECT_EQ(alarm.rings, 0);
    timers.set(alarm, start + 6s);
    timers.expire(start + 7s);
    EXPECT_EQ(alarm.rings, 1);
    timers.expire(start + 20s);
    EXPECT_EQ(alarm.rings, 1);
}

TEST(Timers, ATimerMaySetItselfAgain)
{
    Timers timers{start};
    Alarm alarm;
    alarm.ring = [&] { timers.set(alarm, alarm.deadline() + 1s); };
    timers.set(alarm, start + 1s);
    for (Time now = start; now <= start + 10s + Timers::tick; now += 100ms)
        timers.expire(now);
    EXPECT_EQ(alarm.rings, 10);
}

TEST(Timers, ATimerThatSetsItselfForNowDoesNotHoldUpTheTurn)
{
    Timers timers{start};
    Alarm alarm;
    alarm.ring = [&] { timers.set(alarm, start); };
    timers.set(alarm, start);
    timers.expire(start + 1s);
    EXPECT_EQ(alarm.rings, 1);
}

TEST(Timers, ATimerMayDestroyItselfAndItsNeighbours)
{
    // All in one slot, in every order: whichever rings first destroys all the others.
    for (std::size_t first = 0; first < 5; ++first) {
        Timers timers{start};
        std::vector<std::unique_ptr<Alarm>> alarms(5);
        int rings = 0;
        for (auto &alarm : alarms) {
            alarm = std::make_unique<Alarm>();
            alarm->ring = [&] {
                ++rings;
                for (auto &each : alarms)
                    each.reset();
            };
        }
        for (std::size_t i = 0; i < alarms.size(); ++i)
            timers.set(*alarms[(first + i) % alarms.size()], start + 1s);
        timers.expire(start + 2s);
        EXPECT_EQ(rings, 1);
        EXPECT_EQ(timers.until_next(start + 2s), std::nullopt);
    }
}

TEST(Timers, ATimerMayCancelAndSetItsNeighbours)
{
    Timers timers{start};
    Alarm first, second, third;
    third.ring = [&] { // set last, so it rings first
        first.cancel();
        timers.set(second, start + 5s);
    };
    for (Alarm *alarm : {&first, &second, &third})
        timers.set(*alarm, start + 1s);
    timers.expire(start + 2s);
    timers.expire(start + 6s);
    EXPECT_EQ(first.rings, 0);
    EXPECT_EQ(second.rings, 1);
    EXPECT_EQ(third.rings, 1);
}

TEST(Timers, TellHowLongNothingIsDue)
{
    Timers timers{start};
    Alarm near, far;
    EXPECT_EQ(timers.until_next(start), std::nullopt);
    timers.set(far, start + 50s);
    timers.set(near, start + 3s);
    const auto wait = timers.until_next(start + 1s);
    ASSERT_TRUE(wait);
    EXPECT_GE(*wait, 2s);
    EXPECT_LE(*wait, 2s + Timers::tick);
    EXPECT_EQ(timers.until_next(start + 10s), Duration::zero());
    near.cancel();
    far.cancel();
    EXPECT_EQ(timers.until_next(start), std::nullopt);
}

TEST(Timers, SleepingAsLongAsToldMissesNothing)
{
    std::mt19937 random{2};
    Timers timers{start};
    std::vector<Alarm> alarms(200);
    for (Alarm &alarm : alarms)
        timers.set(alarm, start + std::chrono::milliseconds{random() % 300'000});
    Time now = start;
    int wakes = 0;
    while (const auto wait = timers.until_next(now)) {
        now += *wait;
        timers.expire(now);
        for (const Alarm &alarm : alarms)
            ASSERT_TRUE(!alarm.armed() || alarm.deadline() + Timers::tick > now) << "overslept";
        ASSERT_LT(++wakes, 2000);
    }
    for (const Alarm &alarm : alarms)
        EXPECT_EQ(alarm.rings, 1);
}

TEST(Timers, EndBeforeTheirTimers)
{
    Alarm alarm;
    {
        Timers timers{start};
        timers.set(alarm, start + 1s);
    }
    EXPECT_FALSE(alarm.armed());
}

} // namespace
} // namespace jabberd::event
