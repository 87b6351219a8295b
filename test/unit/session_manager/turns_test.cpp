// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/base/thread_pool.h"
#include "session_manager/base/turns.h"
#include "session_manager/base/work.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <string>
#include <vector>

namespace jabberd::session_manager {
namespace {

using testing::ElementsAre;

std::vector<std::string> all_of(TurnQueue<std::string> &queue)
{
    std::vector<std::string> items;
    while (!queue.empty())
        items.push_back(queue.pop());
    return items;
}

TEST(Turns, KeepTheOrderOfEachLine)
{
    TurnQueue<std::string> queue;
    for (const char *item : {"1", "2", "3"})
        queue.push({"alice", "home"}, item);
    EXPECT_EQ(queue.size(), 3u);
    EXPECT_THAT(all_of(queue), ElementsAre("1", "2", "3"));
    EXPECT_EQ(queue.size(), 0u);
}

TEST(Turns, AreTakenByGroupsAndWithinThem)
{
    TurnQueue<std::string> queue;
    for (const char *item : {"m1", "m2", "m3"})
        queue.push({"mallory", "a"}, item);
    queue.push({"mallory", "b"}, "n1");
    queue.push({"alice", "home"}, "a1");
    EXPECT_THAT(all_of(queue), ElementsAre("m1", "a1", "n1", "m2", "m3"));
}

TEST(Turns, OneThatIsDoneComesBackAtTheEnd)
{
    TurnQueue<std::string> queue;
    queue.push({"alice", ""}, "a1");
    queue.push({"bob", ""}, "b1");
    EXPECT_EQ(queue.pop(), "a1");
    queue.push({"alice", ""}, "a2");
    queue.push({"bob", ""}, "b2");
    EXPECT_THAT(all_of(queue), ElementsAre("b1", "a2", "b2"));
}

TEST(Turns, AThousandJobsOfOneDoNotKeepAnotherWaiting)
{
    std::mutex mutex;
    std::vector<std::string> done;
    ThreadPool pool{"pool", [] {}, [](const std::exception &) { FAIL(); }};
    for (int i = 0; i < 1000; ++i)
        pool.post({"mallory", std::to_string(i % 10)}, [&] {
            const std::lock_guard lock{mutex};
            done.emplace_back("mallory");
        });
    pool.post({"alice", ""}, [&] {
        const std::lock_guard lock{mutex};
        done.emplace_back("alice");
    });
    pool.start(1);
    pool.finish();
    ASSERT_EQ(done.size(), 1001u);
    EXPECT_EQ(done[1], "alice");
}

Causer account(const std::string &name, const std::string &session)
{
    return {Causer::Kind::Account, name, session};
}

TEST(Work, IsRefusedToWhoHasEnoughAlone)
{
    WorkShares shares{{.pieces = 2, .bytes = 1000}};
    std::vector<Work> waiting;
    for (int i = 0; i < 2; ++i)
        ASSERT_TRUE(waiting.emplace_back(shares.take(account("mallory", "1"), 10)));
    EXPECT_FALSE(shares.take(account("mallory", "1"), 10));
    EXPECT_TRUE(waiting.emplace_back(shares.take(account("mallory", "2"), 10)));
    EXPECT_TRUE(waiting.emplace_back(shares.take(account("mallory", "2"), 10)));
    EXPECT_FALSE(shares.take(account("mallory", "2"), 10));
    EXPECT_TRUE(shares.take(account("alice", "1"), 10));
    EXPECT_EQ(shares.pieces(), 4u);
    EXPECT_EQ(shares.bytes(), 40u);
    waiting.clear();
    EXPECT_EQ(shares.pieces(), 0u);
    EXPECT_EQ(shares.bytes(), 0u);
}

TEST(Work, IsCountedInBytesAsWell)
{
    WorkShares shares{{.pieces = 100, .bytes = 1000}};
    const Work large = shares.take(account("mallory", "1"), 900);
    EXPECT_FALSE(shares.take(account("mallory", "1"), 200));
    EXPECT_EQ(shares.pieces(), 1u);
    const auto refusals = shares.refusals();
    const auto found = std::ranges::find(refusals, "work bytes of a connection", &WorkShares::Refusals::name);
    ASSERT_NE(found, refusals.end());
    EXPECT_EQ(found->count, 1u);
}

TEST(Work, OfManyAddressesLeavesRoomForOneMore)
{
    WorkShares shares{{.pieces = 2, .bytes = 1'000'000}};
    std::vector<Work> waiting;
    for (int address = 0; address < 50; ++address) {
        for (int connection = 0; connection < 10; ++connection) {
            Work work = shares.take({Causer::Kind::Address, std::to_string(address), std::to_string(connection)}, 1);
            if (work)
                waiting.push_back(std::move(work));
        }
    }
    EXPECT_TRUE(shares.take({Causer::Kind::Address, "friend", "1"}, 1));
    EXPECT_TRUE(shares.take(account("friend", "1"), 1));
    EXPECT_FALSE(shares.are_exceeded());
}

TEST(Work, ThatCannotBeRefusedIsHeldAndCounted)
{
    WorkShares shares{{.pieces = 1, .bytes = 1000}};
    const Work first = shares.hold(account("alice", "1"), 10), second = shares.hold(account("alice", "1"), 10);
    EXPECT_TRUE(second);
    EXPECT_EQ(shares.pieces(), 2u);
    EXPECT_FALSE(shares.take(account("alice", "1"), 10));
}

} // namespace
} // namespace jabberd::session_manager
