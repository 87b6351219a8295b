// SPDX-License-Identifier: LGPL-2.1-or-later
// Listener and transport on the loopback, with a port of the kernel's choice.
#include "net/listener.h"
#include "net/transport.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>

#include <array>
#include <system_error>
#include <vector>

namespace jabberd::net {
namespace {

SocketAddress loopback(std::uint16_t port = 0)
{
    return *SocketAddress::parse("127.0.0.1", port);
}

UniqueFd dial(const SocketAddress &address)
{
    UniqueFd fd{::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const sockaddr_storage storage = address.storage();
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr *>(&storage), address.storage_size()), 0);
    return fd;
}

void wait_for(int fd, short events)
{
    pollfd wanted{fd, events, 0};
    ::poll(&wanted, 1, 5000);
}

// A client and our end of its connection.
class Sockets : public testing::Test {
protected:
    Accepted accept()
    {
        wait_for(listener_.fd(), POLLIN);
        return std::get<Accepted>(listener_.accept());
    }

    Moved read()
    {
        wait_for(ours_.fd(), POLLIN);
        return ours_.read(buffer_);
    }

    Listener listener_{loopback()};
    UniqueFd client_ = dial(listener_.address());
    PlainTransport ours_{std::move(accept().fd)};
    std::array<char, 1000> buffer_{};
};

TEST_F(Sockets, ReadWhatTheClientSent)
{
    EXPECT_EQ(ours_.read(buffer_).outcome, Outcome::WantRead);
    ASSERT_EQ(::write(client_.get(), "hello", 5), 5);
    const Moved moved = read();
    EXPECT_EQ(moved.outcome, Outcome::Progress);
    EXPECT_EQ(std::string_view(buffer_.data(), moved.bytes), "hello");
    EXPECT_EQ(ours_.security(), "");
}

TEST_F(Sockets, ToldOfAnOrderlyEndMayStillWrite)
{
    ::shutdown(client_.get(), SHUT_WR);
    EXPECT_EQ(read().outcome, Outcome::CleanEnd);
    EXPECT_EQ(ours_.write("bye").outcome, Outcome::Progress);
    ours_.shutdown_write();
    EXPECT_EQ(::recv(client_.get(), buffer_.data(), 100, MSG_WAITALL), 3);
}

TEST_F(Sockets, TellAResetFromAnEnd)
{
    const linger reset{1, 0};
    ::setsockopt(client_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    client_.reset();
    EXPECT_EQ(read().outcome, Outcome::Truncated);
    EXPECT_EQ(ours_.write("x").outcome, Outcome::Truncated) << "and no SIGPIPE";
}

TEST_F(Sockets, StopWritingWhenNobodyReads)
{
    const std::string much(1 << 16, 'x');
    Moved moved{Outcome::Progress};
    std::size_t written = 0;
    while (moved.outcome == Outcome::Progress && written < 1u << 30)
        written += (moved = ours_.write(much)).bytes;
    EXPECT_EQ(moved.outcome, Outcome::WantWrite);
    EXPECT_EQ(moved.bytes, 0u);
    // Room again when the client reads.
    std::string sink(written, '\0');
    EXPECT_EQ(::recv(client_.get(), sink.data(), sink.size(), MSG_WAITALL), static_cast<ssize_t>(written));
    wait_for(ours_.fd(), POLLOUT);
    EXPECT_EQ(ours_.write("x").outcome, Outcome::Progress);
}

TEST_F(Sockets, AcceptedOnesAreReadyForUse)
{
    const UniqueFd second = dial(listener_.address());
    const Accepted accepted = accept();
    int on = 0;
    socklen_t size = sizeof on;
    EXPECT_NE(::fcntl(accepted.fd.get(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(::fcntl(accepted.fd.get(), F_GETFD) & FD_CLOEXEC, 0);
    ::getsockopt(accepted.fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, &size);
    EXPECT_EQ(on, 1);
    ::getsockopt(accepted.fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, &size);
    EXPECT_EQ(on, 1);
    EXPECT_TRUE(accepted.from.to_string().starts_with("127.0.0.1:")) << accepted.from.to_string();
}

TEST_F(Sockets, ListenerSaysWhenNobodyIsThere)
{
    EXPECT_EQ(std::get<AcceptProblem>(listener_.accept()), AcceptProblem::Nobody);
}

TEST_F(Sockets, ListenerSaysWhenDescriptorsAreUsedUp)
{
    const UniqueFd waiting = dial(listener_.address());
    wait_for(listener_.fd(), POLLIN);
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const UniqueFd lowest_free{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    rlimit none = before;
    none.rlim_cur = static_cast<rlim_t>(lowest_free.get()) + 1;
    ::setrlimit(RLIMIT_NOFILE, &none);
    const auto refused = listener_.accept();
    ::setrlimit(RLIMIT_NOFILE, &before);
    ASSERT_TRUE(std::holds_alternative<AcceptProblem>(refused));
    EXPECT_EQ(std::get<AcceptProblem>(refused), AcceptProblem::OutOfResources);
    EXPECT_TRUE(std::holds_alternative<Accepted>(listener_.accept())) << "the client was still waiting";
}

TEST_F(Sockets, ListenerLeavesLowDescriptorsToOthers)
{
    const int first = 1024; // FD_SETSIZE
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < 2048)
        GTEST_SKIP() << "this process may have only " << limit.rlim_max << " descriptors";
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    Listener high{loopback(), first};
    EXPECT_GE(high.fd(), first);
    const UniqueFd client = dial(high.address());
    wait_for(high.fd(), POLLIN);
    const Accepted accepted = std::get<Accepted>(high.accept(first));
    EXPECT_GE(accepted.fd.get(), first);
    EXPECT_NE(::fcntl(accepted.fd.get(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(::fcntl(accepted.fd.get(), F_GETFD) & FD_CLOEXEC, 0);
    EXPECT_EQ(std::get<AcceptProblem>(high.accept(first)), AcceptProblem::Nobody);
    ASSERT_EQ(::write(client.get(), "hello", 5), 5);
    wait_for(accepted.fd.get(), POLLIN);
    EXPECT_EQ(::recv(accepted.fd.get(), buffer_.data(), buffer_.size(), 0), 5) << "it is the client's, no copy of ours";
}

TEST_F(Sockets, ListenerSaysWhenHighDescriptorsAreUsedUp)
{
    const UniqueFd waiting = dial(listener_.address());
    wait_for(listener_.fd(), POLLIN);
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    rlimit few = before;
    few.rlim_cur = 600;
    ::setrlimit(RLIMIT_NOFILE, &few);
    const auto beyond = listener_.accept(600);
    const auto last = listener_.accept(599);
    const UniqueFd taken = at_or_above(599, UniqueFd{::open("/dev/null", O_RDONLY | O_CLOEXEC)});
    const auto none_left = listener_.accept(599);
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_EQ(std::get<AcceptProblem>(beyond), AcceptProblem::OutOfHighDescriptors);
    EXPECT_TRUE(std::holds_alternative<Accepted>(last)) << "the client was still waiting";
    EXPECT_EQ(std::get<AcceptProblem>(none_left), AcceptProblem::OutOfHighDescriptors);
    EXPECT_THROW(Listener(loopback(), 2'000'000'000), std::system_error);
}

TEST_F(Sockets, ListenerLeavesTheLastDescriptorsToOthers)
{
    std::vector<UniqueFd> waiting;
    for (int i = 0; i < 10; ++i)
        waiting.push_back(dial(listener_.address()));
    wait_for(listener_.fd(), POLLIN);
    UniqueFd next{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    const int end = next.get() + 3;
    next.reset();
    for (const int first : {0, 4}) {
        std::vector<Accepted> clients;
        for (;;) {
            auto accepted = listener_.accept(first, end);
            if (const auto *problem = std::get_if<AcceptProblem>(&accepted)) {
                EXPECT_EQ(*problem, AcceptProblem::OutOfClientsShare);
                break;
            }
            clients.push_back(std::get<Accepted>(std::move(accepted)));
            EXPECT_LT(clients.back().fd.get(), end);
        }
        EXPECT_EQ(clients.size(), 3u) << "the others wait";
    }
}

TEST_F(Sockets, ListenerNamesTheAddressThatIsTaken)
{
    try {
        const Listener second{listener_.address()};
        FAIL() << "two listeners on " << listener_.address().to_string();
    } catch (const std::system_error &problem) {
        EXPECT_EQ(problem.code(), std::errc::address_in_use);
        EXPECT_NE(std::string_view{problem.what()}.find(listener_.address().to_string()), std::string_view::npos)
            << problem.what();
    }
}

} // namespace
} // namespace jabberd::net
