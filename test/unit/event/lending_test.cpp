// SPDX-License-Identifier: LGPL-2.1-or-later
// Turns of a sleeping loop that other threads have. Run it under the thread sanitizer too.
#include "event/loop.h"

#include "event/posted.h"

#include <gtest/gtest.h>

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace jabberd::event {
namespace {

using namespace std::chrono_literals;

class HeldSince final : public Clock {
public:
    std::atomic<Time> time{Time{1h}};
    Time now() const override { return time; }
};

class LentTurns final : public Turns {
public:
    std::atomic<int> begun{0}, ended{0};
    mutable std::atomic<bool> more{false};

private:
    void on_turn_begin() override { ++begun; }
    void on_turn_end() override { ++ended; }
    bool wants_a_turn() const override { return more.exchange(false); }
};

class Rung final : public Timer {
public:
    std::promise<std::thread::id> by;

private:
    void on_timer() override { by.set_value(std::this_thread::get_id()); }
};

void do_it_there(Loop &loop, std::function<void()> what)
{
    loop.post(std::make_unique<Posted>(std::move(what)));
}

// As hosts do: a turn may write to a socket that is closed.
class IgnoresSigpipe {
public:
    IgnoresSigpipe() : before_(signal(SIGPIPE, SIG_IGN)) {}
    ~IgnoresSigpipe() { signal(SIGPIPE, before_); }

private:
    void (*before_)(int);
};

class Lending : public testing::Test {
protected:
    ~Lending() override { finish(); }

    void begin()
    {
        thread_ = std::thread{[this] { loop_.run(); }};
    }
    void finish()
    {
        if (!thread_.joinable())
            return;
        loop_.stop();
        thread_.join();
    }
    // As soon as it sleeps; each time that is another turn.
    void with_a_turn(const std::function<void()> &what)
    {
        for (;;) {
            if (const LentTurn turn{loop_})
                return what();
            clock_.time = clock_.time.load() + 1ms;
            std::this_thread::yield();
        }
    }

    const IgnoresSigpipe as_hosts_do_;
    HeldSince clock_;
    LentTurns turns_;
    Loop loop_{clock_, turns_};
    std::thread thread_;
};

TEST_F(Lending, ALoopThatDoesNotRunLendsNothing)
{
    EXPECT_FALSE(LentTurn{loop_});
    begin();
    with_a_turn([] {});
    finish();
    EXPECT_FALSE(LentTurn{loop_});
}

TEST_F(Lending, ABusyLoopLendsNothing)
{
    begin();
    std::promise<void> begun, over;
    do_it_there(loop_, [&] {
        begun.set_value();
        over.get_future().wait();
    });
    begun.get_future().wait();
    EXPECT_FALSE(LentTurn{loop_});
    over.set_value();
    finish(); // before what it waits for is gone
}

TEST_F(Lending, AWholeTurnOnTheThreadThatHasIt)
{
    begin();
    with_a_turn([&] {
        const int ended = turns_.ended;
        EXPECT_EQ(turns_.begun, ended + 1);
        EXPECT_EQ(loop_.now(), clock_.now());
    });
    EXPECT_EQ(turns_.begun, turns_.ended);
}

TEST_F(Lending, AThreadThatSigpipeWouldEndHasNoTurn)
{
    begin();
    with_a_turn([] {});
    clock_.time = clock_.time.load() + 1ms;
    signal(SIGPIPE, SIG_DFL);
    for (int i = 0; i < 1000; ++i)
        EXPECT_FALSE(LentTurn{loop_});
    std::thread{[&] {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, nullptr);
        with_a_turn([] {});
    }}.join();
}

TEST_F(Lending, WhatWasPostedBeforeComesFirst)
{
    begin();
    for (int round = 0; round < 200; ++round) {
        std::vector<int> order;
        with_a_turn([] {});
        const auto done = std::make_shared<std::promise<void>>();
        do_it_there(loop_, [&] { order.push_back(1); }); // it may be awake by now, or not yet
        if (const LentTurn turn{loop_})
            order.push_back(2);
        else
            do_it_there(loop_, [&] { order.push_back(2); });
        do_it_there(loop_, [done] { done->set_value(); });
        done->get_future().wait();
        ASSERT_EQ(order, (std::vector{1, 2}));
        clock_.time = clock_.time.load() + 1ms;
    }
}

TEST_F(Lending, ATurnHasNoOtherInsideOfIt)
{
    begin();
    with_a_turn([&] { EXPECT_FALSE(LentTurn{loop_}); });
}

TEST_F(Lending, OfMuchTheLoopDoesTheRest)
{
    begin();
    with_a_turn([] {});
    clock_.time = clock_.time.load() + 1ms;
    int lent = 0;
    for (int i = 0; i < 1000; ++i) {
        if (const LentTurn turn{loop_})
            ++lent;
    }
    EXPECT_GT(lent, 0);
    EXPECT_LT(lent, 20);
}

TEST(LendingInTime, ADeadlineThatIsSetInALentTurnIsKept)
{
    const IgnoresSigpipe as_hosts_do;
    const SystemClock clock;
    LentTurns turns;
    Loop loop{clock, turns};
    std::thread thread{[&] { loop.run(); }};
    Rung late, soon;
    std::promise<void> is_set;
    do_it_there(loop, [&] {
        loop.timers().set(late, loop.now() + 1h);
        is_set.set_value();
    });
    is_set.get_future().wait();
    for (bool had = false; !had;) {
        if (const LentTurn turn{loop}) {
            loop.timers().set(soon, loop.now() + 150ms);
            had = true;
        }
    }
    EXPECT_EQ(soon.by.get_future().get(), thread.get_id());
    loop.stop();
    thread.join();
    late.cancel();
}

TEST_F(Lending, WhoWantsAnotherTurnGetsItFromTheLoop)
{
    begin();
    int ended = 0;
    with_a_turn([&] {
        ended = turns_.ended;
        turns_.more = true;
    });
    while (turns_.ended < ended + 2)
        std::this_thread::yield();
}

// Of all threads, whoever does it: one at a time, and nothing is lost.
TEST(LendingUnderLoad, OneAtATimeAndInTheOrderOfEach)
{
    const IgnoresSigpipe as_hosts_do;
    constexpr int threads = 4, pieces = 20000;
    const SystemClock clock;
    LentTurns turns;
    Loop loop{clock, turns};
    std::thread thread{[&] { loop.run(); }};
    std::vector<std::vector<int>> done(threads); // no lock: what is in a turn has the loop to itself
    int all = 0;
    std::vector<std::thread> posters;
    for (int number = 0; number < threads; ++number) {
        posters.emplace_back([&, number] {
            for (int piece = 0; piece < pieces; ++piece) {
                const auto work = [&, number, piece] {
                    done[static_cast<std::size_t>(number)].push_back(piece);
                    ++all;
                };
                if (const LentTurn turn{loop})
                    work();
                else
                    do_it_there(loop, work);
                if (piece % 50 == 0)
                    std::this_thread::sleep_for(100us); // so that the loop sleeps now and then
            }
        });
    }
    for (std::thread &poster : posters)
        poster.join();
    std::promise<void> over;
    do_it_there(loop, [&] { over.set_value(); });
    over.get_future().wait();
    loop.stop();
    thread.join();
    EXPECT_EQ(all, threads * pieces);
    for (const std::vector<int> &one : done) {
        ASSERT_EQ(one.size(), static_cast<std::size_t>(pieces));
        EXPECT_TRUE(std::is_sorted(one.begin(), one.end()));
    }
}

} // namespace
} // namespace jabberd::event
