// SPDX-License-Identifier: LGPL-2.1-or-later
#include "workers/side_by_side.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>

namespace jabberd::workers {
namespace {

TEST(SideBySide, DoesEachPartOnceAndWaitsForAll)
{
    std::array<std::atomic<int>, 5> done{};
    side_by_side(done.size(), [&](std::size_t number) { ++done[number]; });
    for (const auto &times : done)
        EXPECT_EQ(times, 1);
    side_by_side(0, [](std::size_t) { FAIL() << "there is no part"; });
}

// Each waits for the other: one after the other, they would wait for ever.
TEST(SideBySide, DoesPartsAtTheSameTime)
{
    std::atomic<int> here{0};
    side_by_side(2, [&](std::size_t) {
        ++here;
        while (here < 2)
            std::this_thread::yield();
    });
    EXPECT_EQ(here, 2);
}

TEST(SideBySide, TellsTheFirstProblemWhenAllAreDone)
{
    std::atomic<int> done{0};
    try {
        side_by_side(4, [&](std::size_t number) {
            ++done;
            if (number > 1)
                throw std::runtime_error{"part " + std::to_string(number)};
        });
        ADD_FAILURE() << "no problem was told";
    } catch (const std::runtime_error &problem) {
        EXPECT_STREQ(problem.what(), "part 2");
    }
    EXPECT_EQ(done, 4);
}

// A host that waits for its signals with sigwait() must get them (jabberd 1.1).
TEST(SideBySide, LeavesSignalsToTheCaller)
{
    bool blocked_there = false, blocked_here = true;
    const auto is_blocked = [] {
        sigset_t blocked;
        return pthread_sigmask(SIG_BLOCK, nullptr, &blocked) == 0 && sigismember(&blocked, SIGHUP) == 1;
    };
    side_by_side(2, [&](std::size_t number) { (number == 0 ? blocked_here : blocked_there) = is_blocked(); });
    EXPECT_TRUE(blocked_there);
    EXPECT_FALSE(blocked_here);
    EXPECT_FALSE(is_blocked());
}

} // namespace
} // namespace jabberd::workers
