// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/deadlines.h"

#include <gtest/gtest.h>

namespace jabberd::connection {
namespace {

using namespace std::chrono_literals;

constexpr Time start_time{1h};

TEST(DeadlinesOfAConnection, AreNoneAtFirst)
{
    const Deadlines deadlines;
    EXPECT_EQ(deadlines.next(), never);
    EXPECT_FALSE(deadlines.has(Deadline::End));
    EXPECT_FALSE(deadlines.passed(Deadline::End, start_time));
}

TEST(DeadlinesOfAConnection, TellTheNextOfThem)
{
    Deadlines deadlines;
    deadlines.set(Deadline::End, start_time + 60s);
    deadlines.set(Deadline::Features, start_time + 5s);
    EXPECT_EQ(deadlines.next(), start_time + 5s);
    EXPECT_TRUE(deadlines.passed(Deadline::Features, start_time + 5s));
    EXPECT_FALSE(deadlines.passed(Deadline::End, start_time + 5s));
    deadlines.clear(Deadline::Features);
    EXPECT_EQ(deadlines.next(), start_time + 60s);
}

TEST(DeadlinesOfAConnection, CrossASwap)
{
    constexpr std::array all{Deadline::End, Deadline::Features, Deadline::Element, Deadline::Progress,
                             Deadline::Throttle};
    static_assert(all.size() == deadline_count - 1, "the acknowledgement is asked for anew");
    Deadlines deadlines;
    auto at = start_time;
    for (const Deadline which : all)
        deadlines.set(which, at += 1s);
    handover::ConnectionState state;
    deadlines.save(state);
    state.unfinished = "<message>";
    Deadlines successor;
    successor.restore(state);
    for (const Deadline which : all)
        EXPECT_EQ(successor[which], deadlines[which]) << static_cast<int>(which);
}

// Of a predecessor that kept the deadline when the element was finished.
TEST(DeadlinesOfAConnection, AreNoneOfAnElementThatIsNot)
{
    handover::ConnectionState state;
    state.finish_by = 1;
    Deadlines deadlines;
    deadlines.restore(state);
    EXPECT_FALSE(deadlines.has(Deadline::Element));
}

} // namespace
} // namespace jabberd::connection
