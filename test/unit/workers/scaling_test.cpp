// SPDX-License-Identifier: LGPL-2.1-or-later
// Threads follow the load.
#include "workers/scaling.h"

#include "support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <string>
#include <thread>

namespace jabberd::workers {
namespace {

using Advice = Scaling::Advice;

// /proc/stat of a machine whose processors have been idle for that part of the time between two looks.
class Machine : public testing::Test {
protected:
    void idle(double processors)
    {
        constexpr long ticks = 1000;
        const double part = processors / std::thread::hardware_concurrency();
        idle_ += static_cast<long>(part * ticks);
        user_ += ticks - static_cast<long>(part * ticks);
        std::ofstream{file_} << "cpu  " << user_ << " 0 0 " << idle_ << " 0 0 0 0 7 0\ncpu0 1 2 3\n";
    }
    Advice advice(int times, double first, std::optional<double> least, double processors)
    {
        Advice last = Advice::Stay;
        for (int i = 0; i < times && last == Advice::Stay; ++i) {
            idle(processors);
            last = scaling_.judge(first, least);
        }
        return last;
    }

    const test::TempDir directory_;
    const std::string file_ = directory_.path("stat");
    long user_ = 100, idle_ = 100;
    Scaling scaling_{IdleProcessors{file_}};
};

TEST_F(Machine, WhatKeepsUpStaysAsItIs)
{
    EXPECT_EQ(advice(1000, 0.8, std::nullopt, 1), Advice::Stay);
    EXPECT_EQ(advice(1000, 0.4, 0.3, 1), Advice::Stay);
    EXPECT_EQ(advice(1000, 0, std::nullopt, 1), Advice::Stay) << "there is no thread to give up";
}

TEST_F(Machine, WhoHasNoTimeLeftForAWhileGetsHelp)
{
    EXPECT_EQ(advice(3, 1, std::nullopt, 1), Advice::Stay) << "a burst";
    EXPECT_EQ(advice(1, 0.3, std::nullopt, 1), Advice::Stay);
    EXPECT_EQ(advice(3, 1, std::nullopt, 1), Advice::Stay);
    EXPECT_EQ(advice(1, 1, std::nullopt, 1), Advice::Spread);
    EXPECT_EQ(advice(3, 1, 0.6, 1), Advice::Stay) << "what has come is given time";
    EXPECT_EQ(advice(1, 1, 0.6, 1), Advice::Spread);
}

TEST_F(Machine, WhereNoProcessorIsIdleNobodyWouldHelp)
{
    EXPECT_EQ(advice(1000, 1, std::nullopt, 0.7), Advice::Stay);
    EXPECT_EQ(advice(1, 1, std::nullopt, 0.8), Advice::Spread) << "as soon as there is one";
}

TEST_F(Machine, WhoeverIsIdleForAWhileGoes)
{
    EXPECT_EQ(advice(9, 0.2, 0.2, 1), Advice::Stay);
    EXPECT_EQ(advice(1, 0.4, 0.2, 1), Advice::Stay);
    EXPECT_EQ(advice(9, 0.2, 0.2, 1), Advice::Stay);
    EXPECT_EQ(advice(1, 0.2, 0.2, 1), Advice::Gather);
}

TEST_F(Machine, OfWhichNothingIsKnownHasIdleProcessors)
{
    Scaling scaling{IdleProcessors{directory_.path("none")}};
    Advice last = Advice::Stay;
    for (int i = 0; i < 4; ++i)
        last = scaling.judge(1, std::nullopt);
    EXPECT_EQ(last, Advice::Spread);
}

TEST(IdleProcessors, AreThoseOfThisMachine)
{
    IdleProcessors idle;
    EXPECT_EQ(idle.since_last_look(), std::nullopt);
    std::this_thread::sleep_for(std::chrono::milliseconds{100}); // some ticks
    const auto some = idle.since_last_look();
    ASSERT_TRUE(some);
    EXPECT_GE(*some, 0);
    EXPECT_LE(*some, std::thread::hardware_concurrency());
}

TEST_F(Machine, IsUnknownWhereTheFileIsAnother)
{
    for (const char *text : {"", "cpu", "cpu  1 2 3", "cpu  a b c d e f g h", "intr 1 2 3 4 5 6 7 8 9"}) {
        std::ofstream{file_} << text;
        IdleProcessors idle{file_};
        idle.since_last_look();
        EXPECT_EQ(idle.since_last_look(), std::nullopt) << text;
    }
}

} // namespace
} // namespace jabberd::workers
