// SPDX-License-Identifier: LGPL-2.1-or-later
// A component that is to take over and does not return: it is left behind, and what it still does counts nothing.
#include "fake_service.h"
#include "host/swap/successor.h"
#include "host/trace/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>

namespace jabberd::host {
namespace {

using Answer = Successor::Answer;
using testing::IsEmpty;

constexpr std::chrono::milliseconds soon{1};
constexpr std::chrono::milliseconds enough{1000}; // for a thread to begin, on a busy machine
constexpr std::chrono::minutes patience{1};       // only a failing test uses it up

// What a successor borrows.
struct World {
    Trace trace;
    Router router{trace};
    FakeService other{router, "c2s", {"c2s"}};
    FakeService old{router, "sessions", {"foo.com"}};
    FakeComponent next;
    std::promise<void> entered, released, is_over;
    const jabberd_config element{};
};

class Successors : public testing::Test {
protected:
    ~Successors() override
    {
        if (successor_.is_late()) // it has borrowed all of it for good, as in a host
            static_cast<void>(world_.release());
    }

    // Until go_on(). In a test it has to end, for the component is the test's.
    static void hang(World &world)
    {
        world.entered.set_value();
        world.released.get_future().wait();
        world.is_over.set_value();
    }
    void go_on()
    {
        released_.set_value();
        is_over_.get_future().wait();
    }

    std::unique_ptr<World> world_ = std::make_unique<World>();
    FakeService &other_ = world_->other, &old_ = world_->old;
    FakeComponent &next_ = world_->next;
    std::promise<void> &entered_ = world_->entered, &released_ = world_->released, &is_over_ = world_->is_over;
    Mistakes mistakes_;
    Successor successor_{old_.service, next_.component, world_->element};
};

TEST_F(Successors, ThatDoesNotReturnFromCreateIsLeftBehind)
{
    other_.service.start();
    next_.on_create = [world = world_.get()] { hang(*world); };
    EXPECT_EQ(successor_.create(soon, mistakes_), Answer::Late);
    EXPECT_TRUE(successor_.is_late());
    EXPECT_TRUE(any_successor_is_late());
    EXPECT_EQ(successor_.destroy(soon), Answer::Late) << "its thread is still in it";
    entered_.get_future().wait();
    next_.deliver(message("c2s", "x@foo.com"));
    EXPECT_THAT(other_.received(), IsEmpty());
    EXPECT_FALSE(next_.register_now());
    go_on();
}

TEST_F(Successors, ThatDoesNotReturnFromThawLearnsThatItIsTooLate)
{
    ASSERT_EQ(successor_.create(patience, mistakes_), Answer::Yes);
    const unsigned char records[] = "secret";
    const int descriptors[] = {7};
    bool claimed = true, same = false;
    next_.on_thaw = [&] {
        released_.get_future().wait();
        same = next_.seen->record_bytes == sizeof records && std::memcmp(next_.seen->records, "secret", 7) == 0 &&
               next_.seen->descriptors[0] == 7;
        claimed = next_.claim();
        is_over_.set_value();
        return true; // whatever it says now
    };
    {
        unsigned char its_own[sizeof records];
        std::memcpy(its_own, records, sizeof records);
        const jabberd_snapshot snapshot{sizeof snapshot, its_own, sizeof its_own, descriptors, 1, nullptr, 0};
        EXPECT_EQ(successor_.thaw(snapshot, soon), Answer::Late);
        std::memset(its_own, 0, sizeof its_own); // the old one goes on
    }
    go_on();
    EXPECT_TRUE(same) << "it reads a copy";
    EXPECT_FALSE(claimed);
}

TEST_F(Successors, ThatHasClaimedIsWaitedFor)
{
    ASSERT_EQ(successor_.create(patience, mistakes_), Answer::Yes);
    next_.on_thaw = [this] {
        const bool claimed = next_.claim();
        std::this_thread::sleep_for(enough + 10 * soon); // the limit is over by now
        return claimed;
    };
    ASSERT_EQ(successor_.thaw(old_.snapshot, enough), Answer::Yes);
    EXPECT_FALSE(successor_.is_late());
    EXPECT_EQ(successor_.take()->get() == nullptr, false);
}

// It would share them with the old one.
TEST_F(Successors, ThatDoesNotKnowHowToClaimIsWaitedForWhereThereAreTokens)
{
    ASSERT_EQ(successor_.create(patience, mistakes_), Answer::Yes);
    next_.on_thaw = [] {
        std::this_thread::sleep_for(10 * soon);
        return true;
    };
    void *token = this;
    const jabberd_snapshot snapshot{sizeof snapshot, nullptr, 0, nullptr, 0, &token, 1};
    EXPECT_EQ(successor_.thaw(snapshot, soon), Answer::Yes);
}

TEST_F(Successors, ThatKnowsHowToClaimIsNotWaitedForWhereThereAreTokens)
{
    next_.on_create = [this] { EXPECT_TRUE(next_.is_offered(JABBERD_TAKEOVER)); };
    ASSERT_EQ(successor_.create(patience, mistakes_), Answer::Yes);
    next_.on_thaw = [world = world_.get()] {
        hang(*world);
        return false;
    };
    const auto destroyed = std::make_shared<std::promise<void>>();
    next_.on_destroy = [destroyed] { destroyed->set_value(); };
    void *token = this;
    const jabberd_snapshot snapshot{sizeof snapshot, nullptr, 0, nullptr, 0, &token, 1};
    EXPECT_EQ(successor_.thaw(snapshot, soon), Answer::Late);
    go_on();
    destroyed->get_future().wait(); // it has taken nothing
}

TEST_F(Successors, ThatRefusesIsDestroyed)
{
    ASSERT_EQ(successor_.create(patience, mistakes_), Answer::Yes);
    next_.on_thaw = [] { return false; };
    bool destroyed = false;
    next_.on_destroy = [&] { destroyed = true; };
    EXPECT_EQ(successor_.thaw(old_.snapshot, patience), Answer::No);
    EXPECT_TRUE(destroyed);
}

} // namespace
} // namespace jabberd::host
