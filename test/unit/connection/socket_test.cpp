// SPDX-License-Identifier: LGPL-2.1-or-later
// What the loop is asked to watch a socket for, and what its events mean.
#include "connection/socket.h"

#include "base/clock.h"

#include <gtest/gtest.h>

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <deque>

namespace jabberd::connection {
namespace {

// A transport over a real descriptor, whose outcomes are given.
class Scripted final : public net::Transport {
public:
    explicit Scripted(int fd) : fd_(fd) {}
    std::deque<net::Outcome> reads, writes;

    net::Moved read(std::span<char>) override { return next(reads); }
    net::Moved write(std::string_view) override { return next(writes); }
    void shutdown_write() override {}
    int fd() const override { return fd_; }
    std::string security() const override { return {}; }

private:
    static net::Moved next(std::deque<net::Outcome> &outcomes)
    {
        const net::Outcome outcome = outcomes.front();
        outcomes.pop_front();
        return {outcome, outcome == net::Outcome::Progress ? 1u : 0u};
    }

    int fd_;
};

class WatchedSocket : public testing::Test, protected event::Watched, protected event::Turns {
protected:
    WatchedSocket()
    {
        std::array<int, 2> ends;
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
        near_ = UniqueFd{ends[0]};
        far_ = UniqueFd{ends[1]};
        transport_ = new Scripted{near_.get()};
        socket_ = Socket{std::unique_ptr<net::Transport>{transport_}};
    }

    void on_ready(std::uint32_t events) override { events_ |= events; }
    void on_turn_end() override {}

    // The events that come when there is something to read, and room to write.
    std::uint32_t events_of_a_turn()
    {
        events_ = 0;
        loop_.turn(false);
        return events_;
    }

    bool watch(bool reading) { return socket_.watch(loop_, *this, reading); }

    SystemClock clock_;
    event::Loop loop_{clock_, *this};
    UniqueFd near_, far_;
    Scripted *transport_;
    Socket socket_;
    std::uint32_t events_ = 0;
    std::array<char, 8> buffer_;
    tls::Records records_;
};

TEST_F(WatchedSocket, IsWatchedForWhatIsWanted)
{
    ASSERT_EQ(send(far_.get(), "x", 1, 0), 1);
    EXPECT_TRUE(watch(true));
    EXPECT_EQ(events_of_a_turn(), EPOLLIN);
    EXPECT_TRUE(watch(false));
    EXPECT_EQ(events_of_a_turn(), 0u);
    transport_->writes = {net::Outcome::WantWrite};
    socket_.write("x");
    EXPECT_TRUE(watch(false));
    EXPECT_EQ(events_of_a_turn(), EPOLLOUT);
    EXPECT_TRUE(watch(true));
    EXPECT_EQ(events_of_a_turn(), EPOLLIN | EPOLLOUT);
}

// An unwatched hang-up would be told in each turn.
TEST_F(WatchedSocket, IsNotWatchedForNothing)
{
    EXPECT_TRUE(watch(true));
    EXPECT_TRUE(watch(false));
    far_.reset();
    EXPECT_EQ(events_of_a_turn(), 0u);
    EXPECT_TRUE(watch(true));
    EXPECT_NE(events_of_a_turn() & EPOLLHUP, 0u);
    socket_.unwatch(loop_);
}

// TLS may have to write before it reads, and the other way round.
TEST_F(WatchedSocket, WaitsForTheDirectionThatWasWanted)
{
    ASSERT_EQ(send(far_.get(), "x", 1, 0), 1);
    transport_->reads = {net::Outcome::WantWrite, net::Outcome::WantRead};
    socket_.read(buffer_, records_);
    EXPECT_TRUE(watch(true));
    EXPECT_EQ(events_of_a_turn(), EPOLLOUT);
    EXPECT_TRUE(socket_.ready(EPOLLOUT).read);
    socket_.read(buffer_, records_);
    EXPECT_TRUE(watch(true));
    EXPECT_EQ(events_of_a_turn(), EPOLLIN);
    EXPECT_FALSE(socket_.ready(EPOLLOUT).read);

    transport_->writes = {net::Outcome::WantRead};
    socket_.write("x");
    EXPECT_TRUE(socket_.write_blocked());
    EXPECT_FALSE(socket_.ready(EPOLLOUT).write);
    EXPECT_TRUE(socket_.ready(EPOLLIN).write);
    EXPECT_FALSE(socket_.write_blocked());
}

TEST_F(WatchedSocket, TellsWhatItsClientSpeaks)
{
    Socket socket{std::move(near_)};
    EXPECT_EQ(socket.peek(), net::FirstBytes::Other) << "nothing has come";
    ASSERT_EQ(send(far_.get(), "<?xml version", 13, 0), 13);
    EXPECT_EQ(socket.peek(), net::FirstBytes::Xml);
    EXPECT_EQ(socket.read(buffer_, records_).bytes, 8u) << "and takes nothing";
}

} // namespace
} // namespace jabberd::connection
