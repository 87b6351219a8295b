// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/deadlines.h"

#include <gtest/gtest.h>

namespace jabberd::connection {
namespace {

using namespace std::chrono_literals;

class DeadlinesOnOneTimer : public testing::Test, protected Deadlines::Listener {
protected:
    void on_deadline() override { ++told_; }

    Time begin_{1h};
    event::Timers timers_{begin_};
    Deadlines deadlines_{timers_, *this};
    int told_ = 0;
};

TEST_F(DeadlinesOnOneTimer, TellAtTheFirstOfThem)
{
    deadlines_.set(Deadline::End, begin_ + 60s);
    deadlines_.set(Deadline::Features, begin_ + 5s);
    deadlines_.arm();
    timers_.expire(begin_ + 4s);
    EXPECT_EQ(told_, 0);
    timers_.expire(begin_ + 6s);
    EXPECT_EQ(told_, 1);
    EXPECT_TRUE(deadlines_.passed(Deadline::Features, begin_ + 6s));
    EXPECT_FALSE(deadlines_.passed(Deadline::End, begin_ + 6s));
}

TEST_F(DeadlinesOnOneTimer, AreNotMovedByALaterOne)
{
    deadlines_.set(Deadline::Element, begin_ + 10s);
    deadlines_.arm();
    deadlines_.set(Deadline::Element, begin_ + 90s);
    deadlines_.arm();
    timers_.expire(begin_ + 11s);
    EXPECT_EQ(told_, 1) << "it fires too early, and is set again";
    deadlines_.arm();
    timers_.expire(begin_ + 89s);
    EXPECT_EQ(told_, 1);
    timers_.expire(begin_ + 91s);
    EXPECT_EQ(told_, 2);
}

TEST_F(DeadlinesOnOneTimer, ThatAreClearedAreNotTold)
{
    deadlines_.set(Deadline::Progress, begin_ + 1s);
    deadlines_.arm();
    deadlines_.clear(Deadline::Progress);
    deadlines_.arm();
    timers_.expire(begin_ + 10s);
    EXPECT_EQ(told_, 0);
    EXPECT_FALSE(deadlines_.has(Deadline::Progress));
}

TEST_F(DeadlinesOnOneTimer, CrossASwap)
{
    deadlines_.set(Deadline::End, begin_ + 1s);
    deadlines_.set(Deadline::Features, begin_ + 2s);
    deadlines_.set(Deadline::Element, begin_ + 3s);
    deadlines_.set(Deadline::Progress, begin_ + 4s);
    deadlines_.set(Deadline::Throttle, begin_ + 5s);
    handover::ConnectionState state;
    deadlines_.save(state);
    state.unfinished = "<message>";
    Deadlines other{timers_, *this};
    other.restore(state);
    for (const Deadline which :
         {Deadline::End, Deadline::Features, Deadline::Element, Deadline::Progress, Deadline::Throttle})
        EXPECT_EQ(other[which], deadlines_[which]) << static_cast<int>(which);
    EXPECT_FALSE(other.has(Deadline::Keepalive)) << "it follows from the last write";
}

} // namespace
} // namespace jabberd::connection
