// SPDX-License-Identifier: LGPL-2.1-or-later
// Work that other threads send to a loop. Run it under the thread sanitizer too.
#include "event/loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace jabberd::event {
namespace {

class NoTurns final : public Turns {
    void on_turn_end() override {}
};

class Call final : public Task {
public:
    explicit Call(std::function<void()> what) : what_(std::move(what)) {}
    void run() override { what_(); }

private:
    std::function<void()> what_;
};

void post(Loop &loop, std::function<void()> what)
{
    loop.post(std::make_unique<Call>(std::move(what)));
}

// A loop on a thread of its own.
class Running {
public:
    Running() : thread_([this] { loop.run(); }) {}
    ~Running() { finish(); }
    void finish()
    {
        if (!thread_.joinable())
            return;
        loop.stop();
        thread_.join();
    }
    SystemClock clock;
    NoTurns nothing;
    Loop loop{clock, nothing};

private:
    std::thread thread_;
};

TEST(Posting, RunsTasksInTheirOrder)
{
    const SystemClock clock;
    NoTurns nothing;
    Loop loop{clock, nothing};
    std::vector<int> ran;
    for (int i = 0; i < 5; ++i)
        post(loop, [&ran, i] { ran.push_back(i); });
    loop.turn(true); // does not sleep over them
    EXPECT_EQ(ran, (std::vector{0, 1, 2, 3, 4}));
}

TEST(Posting, ATaskMayPostTheNext)
{
    const SystemClock clock;
    NoTurns nothing;
    Loop loop{clock, nothing};
    int ran = 0;
    std::function<void()> again = [&] {
        if (++ran < 10)
            post(loop, again);
    };
    post(loop, again);
    for (int turn = 0; turn < 10; ++turn)
        loop.turn(true);
    EXPECT_EQ(ran, 10);
}

TEST(Posting, DestroysWhatItDidNotRun)
{
    const auto token = std::make_shared<int>();
    {
        const SystemClock clock;
        NoTurns nothing;
        Loop loop{clock, nothing};
        for (int i = 0; i < 3; ++i)
            post(loop, [token] { FAIL() << "nobody runs this loop"; });
        EXPECT_EQ(token.use_count(), 4);
    }
    EXPECT_EQ(token.use_count(), 1);
}

TEST(Posting, WakesASleepingLoop)
{
    Running running;
    for (int i = 0; i < 2000; ++i) { // each time it has most likely gone to sleep
        std::promise<void> ran;
        post(running.loop, [&] { ran.set_value(); });
        ran.get_future().wait();
    }
}

TEST(Posting, LosesNothingFromSeveralThreads)
{
    constexpr int posters = 4, each = 20000;
    std::vector<int> next(posters);
    int out_of_order = 0;
    {
        Running running;
        std::promise<void> all;
        int left = posters * each;
        std::vector<std::thread> threads;
        for (int poster = 0; poster < posters; ++poster) {
            threads.emplace_back([&, poster] {
                for (int i = 0; i < each; ++i) {
                    post(running.loop, [&, poster, i] {
                        out_of_order += next[static_cast<std::size_t>(poster)]++ != i;
                        if (--left == 0)
                            all.set_value();
                    });
                }
            });
        }
        for (std::thread &thread : threads)
            thread.join();
        all.get_future().wait();
    }
    EXPECT_EQ(next, std::vector<int>(posters, each));
    EXPECT_EQ(out_of_order, 0);
}

TEST(Posting, LosesNoWakeUpBetweenTwoLoops)
{
    // Each task goes to sleep for the next one to wake: a wake-up that is lost is a test that hangs.
    Running ping, pong;
    std::promise<void> done;
    int left = 20000;
    std::function<void(Loop &, Loop &)> hit = [&](Loop &here, Loop &there) {
        if (--left == 0)
            return done.set_value();
        post(there, [&] { hit(there, here); });
    };
    post(ping.loop, [&] { hit(ping.loop, pong.loop); });
    done.get_future().wait();
    ping.finish(); // both, before one of them goes: the other's post() may not have returned yet
    pong.finish();
    EXPECT_EQ(left, 0);
}

TEST(Posting, StopsFromAnotherThread)
{
    for (int i = 0; i < 200; ++i)
        Running{};
}

} // namespace
} // namespace jabberd::event
