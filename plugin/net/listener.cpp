// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/listener.h"

#include "net/passed_listeners.h"
#include "net/transport.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace jabberd::net {

namespace {

// A dead client is noticed after 5 + 4 × 1 minutes, by the kernel, without a byte of ours (RFC 6120 §4.6.1 leaves the
// means open).
constexpr int keepalive_idle_s = 300;
constexpr int keepalive_interval_s = 60;
constexpr int keepalive_probes = 4;

// And one that was sent something and acknowledges nothing, or reads nothing, after three (RFC 5482).
constexpr int user_timeout_ms = 180'000;

// Clients are accepted by several, and others open files meanwhile.
constexpr int near_the_end = 256;

void set_option(int fd, int level, int option, int value)
{
    ::setsockopt(fd, level, option, &value, sizeof value);
}

std::system_error failure(const SocketAddress &address)
{
    return std::system_error{errno, std::generic_category(), "cannot listen on " + address.to_string()};
}

UniqueFd bound(const SocketAddress &address, int first_descriptor)
{
    UniqueFd fd = at_or_above(first_descriptor,
                              UniqueFd{::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)});
    if (!fd)
        throw failure(address);
    const sockaddr_storage storage = address.storage();
    set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (address.family() == AF_INET6)
        set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
    if (::bind(fd.get(), reinterpret_cast<const sockaddr *>(&storage), address.storage_size()) != 0)
        throw failure(address);
    return fd;
}

} // namespace

Listener::Listener(const SocketAddress &address, int first_descriptor)
    : fd_(at_or_above(first_descriptor, take_passed_listener(address)))
{
    if (fd_)
        stop_blocking(fd_.get());
    else
        fd_ = bound(address, first_descriptor);
    // On Linux accepted sockets inherit these: six system calls saved for each client.
    set_option(fd_.get(), IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd_.get(), SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd_.get(), IPPROTO_TCP, TCP_KEEPIDLE, keepalive_idle_s);
    set_option(fd_.get(), IPPROTO_TCP, TCP_KEEPINTVL, keepalive_interval_s);
    set_option(fd_.get(), IPPROTO_TCP, TCP_KEEPCNT, keepalive_probes);
    set_option(fd_.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, user_timeout_ms);
    if (::listen(fd_.get(), SOMAXCONN) != 0)
        throw failure(address);
}

void Listener::try_address(const SocketAddress &address)
{
    bound(address, 0);
}

Listener::Listener(UniqueFd listening) : fd_(std::move(listening))
{
    stop_blocking(fd_.get());
}

std::variant<Accepted, AcceptProblem> Listener::accept(int first_descriptor, int end)
{
    // The number is taken before the client: who cannot have one waits in the backlog, and is not turned away. Two
    // system calls, and only where it matters.
    UniqueFd place;
    const bool needs_high = first_descriptor > first_of_ours;
    if (needs_high || last_ >= end - near_the_end) {
        place = UniqueFd{::fcntl(fd_.get(), F_DUPFD_CLOEXEC, first_descriptor)};
        if (!place)
            return needs_high ? AcceptProblem::OutOfHighDescriptors : AcceptProblem::OutOfResources;
        if (place.get() >= end)
            return AcceptProblem::OutOfClientsShare;
        if (!needs_high)
            place.reset(); // it is the client's
    }
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    UniqueFd fd{::accept4(fd_.get(), reinterpret_cast<sockaddr *>(&storage), &size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (fd && place && ::dup3(fd.get(), place.get(), O_CLOEXEC) >= 0)
        fd = std::move(place);
    if (fd)
        fd = at_or_above(0, std::move(fd));
    if (fd) {
        last_ = fd.get();
        return Accepted{.fd = std::move(fd), .from = SocketAddress{storage}};
    }
    switch (errno) {
    case EAGAIN: return AcceptProblem::Nobody;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM: return AcceptProblem::OutOfResources;
    default: return AcceptProblem::Aborted; // Linux reports errors of the new connection here (accept(2))
    }
}

} // namespace jabberd::net
