// SPDX-License-Identifier: LGPL-2.1-or-later
// The wire itself: copies bytes between two connections and knows nothing else. What a message costs here is the least
// it can cost anywhere, our yardstick.
//
// A connection begins with eight bytes, its number: "0000007\n". Two of the same number are a pair.
#include "base/unique_fd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

using jabberd::UniqueFd;

struct End {
    UniqueFd fd;
    End *other = nullptr;
    std::string number;    // of its pair; perhaps not all of it yet
    std::string unwritten; // read from the other, not taken by the socket yet
    bool closed = false;
};

class Relay {
public:
    Relay();
    std::uint16_t port() const;
    [[noreturn]] void run();

private:
    void watch(End &end, int operation, std::uint32_t events);
    void accept_one();
    void pair(End &end);
    void copy(End &from);
    void write_rest(End &to);
    void close(End &end);

    UniqueFd epoll_{epoll_create1(EPOLL_CLOEXEC)};
    UniqueFd listener_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    std::map<int, std::unique_ptr<End>> ends_;
    std::map<std::string, End *> alone_;
    std::vector<std::unique_ptr<End>> closed_; // until the end of the turn: an event may still name them
    std::array<char, 65536> buffer_;
};

Relay::Relay()
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener_.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 ||
        listen(listener_.get(), SOMAXCONN) != 0) {
        std::perror("listen");
        std::exit(1);
    }
    epoll_event event{EPOLLIN, {.ptr = nullptr}};
    epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, listener_.get(), &event);
}

std::uint16_t Relay::port() const
{
    sockaddr_in address{};
    socklen_t size = sizeof address;
    getsockname(listener_.get(), reinterpret_cast<sockaddr *>(&address), &size);
    return ntohs(address.sin_port);
}

void Relay::watch(End &end, int operation, std::uint32_t events)
{
    epoll_event event{events, {.ptr = &end}};
    epoll_ctl(epoll_.get(), operation, end.fd.get(), &event);
}

void Relay::accept_one()
{
    UniqueFd fd{accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (!fd)
        return;
    const int on = 1;
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto end = std::make_unique<End>();
    end->fd = std::move(fd);
    watch(*end, EPOLL_CTL_ADD, EPOLLIN);
    ends_[end->fd.get()] = std::move(end);
}

void Relay::pair(End &end)
{
    std::array<char, 8> bytes;
    const ssize_t size = recv(end.fd.get(), bytes.data(), bytes.size() - end.number.size(), 0);
    if (size <= 0)
        return size < 0 && errno == EAGAIN ? void() : close(end);
    end.number.append(bytes.data(), static_cast<std::size_t>(size));
    if (end.number.size() < bytes.size())
        return;
    if (auto partner = alone_.extract(end.number); !partner.empty()) {
        end.other = partner.mapped();
        end.other->other = &end;
        watch(*end.other, EPOLL_CTL_MOD, EPOLLIN);
        return;
    }
    alone_[end.number] = &end;
    watch(end, EPOLL_CTL_MOD, 0); // what it says waits in the kernel
}

void Relay::copy(End &from)
{
    const ssize_t size = recv(from.fd.get(), buffer_.data(), buffer_.size(), 0);
    if (size <= 0)
        return size < 0 && errno == EAGAIN ? void() : close(from);
    End &to = *from.other;
    const ssize_t sent = send(to.fd.get(), buffer_.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL);
    if (sent == size || (sent < 0 && errno != EAGAIN))
        return;
    to.unwritten.assign(buffer_.data() + std::max<ssize_t>(sent, 0), buffer_.data() + size);
    watch(from, EPOLL_CTL_MOD, 0);
    watch(to, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
}

void Relay::write_rest(End &to)
{
    const ssize_t sent = send(to.fd.get(), to.unwritten.data(), to.unwritten.size(), MSG_NOSIGNAL);
    if (sent > 0)
        to.unwritten.erase(0, static_cast<std::size_t>(sent));
    if (!to.unwritten.empty() || to.other == nullptr)
        return;
    watch(to, EPOLL_CTL_MOD, EPOLLIN);
    watch(*to.other, EPOLL_CTL_MOD, EPOLLIN);
}

void Relay::close(End &end)
{
    for (End *each : {end.other, &end}) {
        if (each == nullptr || each->closed)
            continue;
        each->closed = true;
        auto entry = ends_.extract(each->fd.get());
        std::erase_if(alone_, [&](const auto &waiting) { return waiting.second == each; });
        each->fd.reset();
        closed_.push_back(std::move(entry.mapped()));
    }
}

void Relay::run()
{
    std::array<epoll_event, 256> events;
    for (;;) {
        const int count = epoll_wait(epoll_.get(), events.data(), events.size(), -1);
        for (int i = 0; i < count; ++i) {
            End *end = static_cast<End *>(events[static_cast<std::size_t>(i)].data.ptr);
            const std::uint32_t ready = events[static_cast<std::size_t>(i)].events;
            if (end == nullptr) {
                accept_one();
                continue;
            }
            if (end->closed)
                continue;
            if ((ready & EPOLLOUT) != 0)
                write_rest(*end);
            if ((ready & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !end->closed)
                end->other == nullptr ? pair(*end) : copy(*end);
        }
        closed_.clear();
    }
}

} // namespace

int main()
{
    Relay relay;
    std::printf("ready %u\n", relay.port());
    std::fflush(stdout);
    relay.run();
}
