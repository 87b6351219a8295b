// SPDX-License-Identifier: LGPL-2.1-or-later
// Loops without a thread of their own, inside of another one. Run it under the thread sanitizer too.
#include "event/loop.h"

#include "event/posted.h"

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace jabberd::event {
namespace {

using namespace std::chrono_literals;

class NestedTurns final : public Turns {
public:
    int begun = 0, ended = 0, own = 0;
    std::atomic<bool> more{false};
    std::function<void()> at_end = [] {};

private:
    void on_turn_begin() override { ++begun; }
    void on_own_turn() override { ++own; }
    void on_turn_end() override
    {
        ++ended;
        at_end();
    }
    bool wants_a_turn() const override { return more; }
};

class Bell final : public Watched {
public:
    explicit Bell(Loop &loop) : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)), loop_(loop)
    {
        id_ = loop.watch(fd_.get(), EPOLLIN | EPOLLET, *this);
    }
    ~Bell() { loop_.unwatch(id_, fd_.get()); }
    void ring() { eventfd_write(fd_.get(), 1); }

    std::function<void()> heard = [] {};

private:
    void on_ready(std::uint32_t) override { heard(); }

    const UniqueFd fd_;
    Loop &loop_;
    SlotId id_;
};

class NestedDeadline final : public Timer {
public:
    bool rung = false;

private:
    void on_timer() override { rung = true; }
};

class HeldHour final : public Clock {
public:
    Time time{1h};
    Time now() const override { return time; }
};

void post_to(Loop &loop, std::function<void()> what)
{
    loop.post(std::make_unique<Posted>(std::move(what)));
}

// By hand, on this thread: turns of the outer loop are all that there are.
class NestedLoop : public testing::Test {
protected:
    NestedLoop() { EXPECT_TRUE(outer_.nest(inner_)); }
    ~NestedLoop() override { outer_.unnest_all(); }

    void settle()
    {
        for (int turn = 0; turn < 3; ++turn)
            outer_.turn(false);
    }

    HeldHour clock_;
    NestedTurns outer_turns_, inner_turns_;
    Loop outer_{clock_, outer_turns_}, inner_{clock_, inner_turns_};
};

TEST_F(NestedLoop, HasATurnWhenADescriptorIsReady)
{
    settle();
    Bell bell{inner_};
    bool had = false;
    bell.heard = [&] { had = inner_.has_turn() && outer_.has_turn(); };
    const int begun = inner_turns_.begun;
    settle();
    EXPECT_EQ(inner_turns_.begun, begun) << "there was nothing to do";
    bell.ring();
    outer_.turn(true);
    EXPECT_TRUE(had);
    EXPECT_EQ(inner_turns_.begun, begun + 1);
    EXPECT_EQ(inner_turns_.ended, inner_turns_.begun);
    EXPECT_FALSE(inner_.has_turn());
    EXPECT_EQ(inner_turns_.own, 0) << "it has no thread of its own";
}

TEST_F(NestedLoop, HasATurnForWhatIsPostedAndAtItsDeadlines)
{
    settle();
    bool ran = false;
    post_to(inner_, [&] { ran = true; });
    outer_.turn(true);
    EXPECT_TRUE(ran);

    NestedDeadline deadline;
    inner_.timers().set(deadline, clock_.time + 1s);
    post_to(inner_, [] {}); // as whatever sets a deadline, in a turn
    settle();
    EXPECT_FALSE(deadline.rung);
    clock_.time += 1200ms;
    outer_.turn(true); // it would sleep for ever otherwise
    EXPECT_TRUE(deadline.rung);
}

TEST_F(NestedLoop, GoesOnWithWhatItHadNoTimeFor)
{
    settle();
    inner_turns_.more = true;
    post_to(inner_, [] {});
    outer_.turn(true);
    const int begun = inner_turns_.begun;
    outer_.turn(true); // does not sleep
    EXPECT_EQ(inner_turns_.begun, begun + 1);
    inner_turns_.more = false;
}

TEST_F(NestedLoop, IsEnteredOnceInATurnOfTheOuterOne)
{
    settle();
    const int begun = inner_turns_.begun, ended = inner_turns_.ended;
    int ended_meanwhile = 0;
    post_to(outer_, [&] {
        for (int packet = 0; packet < 20; ++packet) {
            const LentTurn turn{inner_};
            EXPECT_TRUE(turn);
            EXPECT_TRUE(inner_.has_turn());
        }
        ended_meanwhile = inner_turns_.ended;
    });
    outer_.turn(true);
    EXPECT_EQ(inner_turns_.begun, begun + 1);
    EXPECT_EQ(ended_meanwhile, ended);
    EXPECT_EQ(inner_turns_.ended, ended + 1);
}

TEST_F(NestedLoop, WhatWasPostedBeforeComesFirst)
{
    settle();
    post_to(outer_, [&] {
        post_to(inner_, [] {});
        EXPECT_FALSE(LentTurn{inner_});
    });
    outer_.turn(true);
}

TEST_F(NestedLoop, TheEndOfEitherMayHaveSomethingForTheOther)
{
    settle();
    const int ended = outer_turns_.ended, begun = inner_turns_.begun;
    int rounds = 0;
    outer_turns_.at_end = [&] {
        if (++rounds == 1) {
            EXPECT_TRUE(LentTurn{inner_});
        }
    };
    outer_.turn(false);
    EXPECT_EQ(inner_turns_.begun, begun + 1);
    EXPECT_EQ(inner_turns_.ended, inner_turns_.begun);
    EXPECT_EQ(outer_turns_.ended, ended + 2) << "once more, behind the inner one's";
    outer_turns_.at_end = [] {};
}

TEST_F(NestedLoop, TakenOutHasNoTurnsAndKeepsItsPlace)
{
    settle();
    outer_.unnest(inner_);
    Bell bell{inner_};
    int heard = 0;
    bell.heard = [&] { ++heard; };
    bell.ring();
    settle();
    EXPECT_EQ(heard, 0);
    inner_.turn(false);
    EXPECT_EQ(heard, 1);
    bell.ring();
    EXPECT_TRUE(outer_.nest(inner_));
    outer_.turn(true);
    EXPECT_EQ(heard, 2);
}

// A loop that moves in and out while four threads have work for it: one at a time, nothing is lost, each in its order.
TEST(NestedLoopUnderLoad, MovesInAndOut)
{
    signal(SIGPIPE, SIG_IGN); // as hosts do
    constexpr int threads = 4, pieces = 20000;
    const SystemClock clock;
    NestedTurns outer_turns, inner_turns;
    Loop outer{clock, outer_turns}, inner{clock, inner_turns};
    ASSERT_TRUE(outer.nest(inner));
    std::thread outer_thread{[&] { outer.run(); }};
    std::vector<std::vector<int>> done(threads); // no lock: what is in a turn has the loop to itself
    std::atomic<int> waiting{0};
    const auto hand_over = [&](int number, int piece) { // as a worker gets its packets
        const auto work = [&, number, piece] { done[static_cast<std::size_t>(number)].push_back(piece); };
        if (inner.has_turn()) {
            if (waiting == 0)
                return work();
        } else if (const LentTurn turn{inner}) {
            return work();
        }
        ++waiting;
        post_to(inner, [&waiting, work] {
            --waiting;
            work();
        });
    };
    std::vector<std::thread> givers;
    for (int number = 0; number < threads; ++number) {
        givers.emplace_back([&, number] {
            for (int piece = 0; piece < pieces; ++piece) {
                if (number % 2 == 0)
                    hand_over(number, piece);
                else // as one connection has something for another
                    post_to(outer, [&, number, piece] { hand_over(number, piece); });
                if (piece % 50 == 0)
                    std::this_thread::sleep_for(100us); // so that the loops sleep now and then
            }
        });
    }
    const auto on_outer = [&](const std::function<void()> &what) {
        std::promise<void> over;
        post_to(outer, [&] {
            what();
            over.set_value();
        });
        over.get_future().wait();
    };
    std::atomic<bool> given{false};
    std::thread mover{[&] {
        while (!given) {
            on_outer([&] { outer.unnest(inner); });
            inner.forget_stop();
            std::thread own{[&] { inner.run(); }};
            std::this_thread::sleep_for(500us);
            inner.stop();
            own.join();
            on_outer([&] { outer.nest(inner); });
            std::this_thread::sleep_for(500us);
        }
    }};
    for (std::thread &giver : givers)
        giver.join();
    given = true;
    mover.join();
    on_outer([] {});
    std::promise<void> over;
    post_to(inner, [&] { over.set_value(); });
    over.get_future().wait();
    outer.stop();
    outer_thread.join();
    outer.unnest_all();
    for (const std::vector<int> &one : done) {
        ASSERT_EQ(one.size(), static_cast<std::size_t>(pieces));
        for (int piece = 0; piece < pieces; ++piece)
            ASSERT_EQ(one[static_cast<std::size_t>(piece)], piece);
    }
}

} // namespace
} // namespace jabberd::event
