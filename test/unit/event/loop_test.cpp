// SPDX-License-Identifier: LGPL-2.1-or-later
// One thread's loop: what is ready, when, and who may go meanwhile.
#include "event/loop.h"

#include <gtest/gtest.h>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

namespace jabberd::event {
namespace {

using namespace std::chrono_literals;

class HeldClock final : public Clock {
public:
    Time time{1h};
    Time now() const override { return time; }
};

class CountedTurns final : public Turns {
public:
    int turns = 0;

private:
    void on_turn_end() override { ++turns; }
};

// One end of a pair, made ready by the other.
class Socket final : public Watched {
public:
    explicit Socket(Loop &loop) : loop_(loop)
    {
        int fds[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
        mine_.reset(fds[0]);
        other_.reset(fds[1]);
        id = loop.watch(mine_.get(), EPOLLIN, *this);
    }
    ~Socket() { forget(); }

    void make_ready() { EXPECT_EQ(::write(other_.get(), "x", 1), 1); }
    void hang_up() { other_.reset(); }
    int fd() const { return mine_.get(); }
    void forget()
    {
        if (id.generation != 0)
            loop_.unwatch(id, mine_.get());
        id = {};
    }

    SlotId id;
    std::vector<std::uint32_t> events;
    std::function<void()> then = [] {};

private:
    void on_ready(std::uint32_t epoll_events) override
    {
        events.push_back(epoll_events);
        const auto what = then; // may destroy us
        what();
    }

    Loop &loop_;
    UniqueFd mine_, other_;
};

class LoopTest : public testing::Test {
protected:
    HeldClock clock_;
    CountedTurns turn_end_;
    Loop loop_{clock_, turn_end_};
};

TEST_F(LoopTest, TellsWhoIsReadyAndTellsAgainWhileItIs)
{
    Socket ready{loop_}, idle{loop_};
    ready.make_ready();
    loop_.turn(false);
    loop_.turn(false);
    EXPECT_EQ(ready.events, (std::vector<std::uint32_t>{EPOLLIN, EPOLLIN}));
    EXPECT_TRUE(idle.events.empty());
    EXPECT_EQ(turn_end_.turns, 2);
}

TEST_F(LoopTest, ChangesWhatIsWatchedFor)
{
    Socket socket{loop_};
    socket.make_ready();
    loop_.change(socket.id, socket.fd(), EPOLLOUT);
    loop_.turn(false);
    EXPECT_EQ(socket.events, (std::vector<std::uint32_t>{EPOLLOUT}));
}

TEST_F(LoopTest, TellsOfAHangUpUnasked)
{
    Socket socket{loop_};
    loop_.change(socket.id, socket.fd(), 0);
    socket.hang_up();
    loop_.turn(false);
    ASSERT_EQ(socket.events.size(), 1u);
    EXPECT_NE(socket.events[0] & EPOLLHUP, 0u);
}

TEST_F(LoopTest, HandlerMayDestroyItselfAndItsNeighbours)
{
    std::vector<std::unique_ptr<Socket>> sockets(10);
    int called = 0;
    for (auto &socket : sockets) {
        socket = std::make_unique<Socket>(loop_);
        socket->make_ready();
        socket->then = [&] {
            ++called;
            for (auto &each : sockets)
                each.reset();
        };
    }
    loop_.turn(false);
    loop_.turn(false);
    EXPECT_EQ(called, 1);
}

TEST_F(LoopTest, AnEventOfThisTurnDoesNotReachTheNextOwnerOfASlot)
{
    Socket first{loop_}, second{loop_};
    std::unique_ptr<Socket> heir;
    for (Socket *socket : {&first, &second}) {
        socket->make_ready();
        socket->then = [&] {
            first.forget();
            second.forget();
            heir = std::make_unique<Socket>(loop_);
        };
    }
    loop_.turn(false);
    EXPECT_EQ(first.events.size() + second.events.size(), 1u);
    EXPECT_TRUE(heir->events.empty());
}

TEST_F(LoopTest, RunsTimersByItsClock)
{
    class Alarm final : public Timer {
    public:
        int rings = 0;

    private:
        void on_timer() override { ++rings; }
    } alarm;
    loop_.timers().set(alarm, clock_.time + 1s);
    loop_.turn(false);
    EXPECT_EQ(alarm.rings, 0);
    clock_.time += 2s;
    loop_.turn(true); // sleeps no longer than nothing is due
    EXPECT_EQ(alarm.rings, 1);
    EXPECT_EQ(loop_.now(), clock_.time);
}

TEST_F(LoopTest, SaysWhenADescriptorCannotBeWatched)
{
    class Nobody final : public Watched {
        void on_ready(std::uint32_t) override {}
    } nobody;
    EXPECT_EQ(loop_.watch(-1, EPOLLIN, nobody).generation, 0u);
    loop_.unwatch({}, -1);
}

TEST(LoopDescriptors, AreHighWhereTheLowOnesAreOthers)
{
    const int lowest_free = UniqueFd{eventfd(0, EFD_CLOEXEC)}.get();
    const HeldClock clock;
    CountedTurns turns;
    Loop loop{clock, turns, 512};
    EXPECT_EQ(UniqueFd{eventfd(0, EFD_CLOEXEC)}.get(), lowest_free);
    loop.stop(); // writes to one, waits for the other
    loop.run();
    EXPECT_THROW((Loop{clock, turns, 2'000'000'000}), std::system_error);
}

} // namespace
} // namespace jabberd::event
