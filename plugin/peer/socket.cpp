// SPDX-License-Identifier: LGPL-2.1-or-later
#include "peer/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace jabberd::peer {

namespace {

// This protocol has no acks: what the kernel holds when a peer is lost, is lost. So the kernel gets little that it
// cannot send, and a peer that is gone or reads nothing is noticed after a minute (RFC 5482; also while its window is
// closed).
constexpr int unsent_bytes = 32 * 1024;
constexpr int user_timeout_ms = 60'000;
constexpr int keepalive_probes = 3, keepalive_interval_s = 10;

} // namespace

Socket::Socket(event::Loop &loop, event::Watched &watched, UniqueFd fd, bool connecting)
    : loop_(loop)
    , watched_(watched)
    , transport_(std::make_unique<net::PlainTransport>(std::move(fd)))
    , connecting_(connecting)
{
}

Socket::Socket(event::Loop &loop, event::Watched &watched, bool connecting)
    : loop_(loop)
    , watched_(watched)
    , transport_(std::make_unique<net::PlainTransport>(UniqueFd{}))
    , connecting_(connecting)
{
}

Socket::~Socket()
{
    if (watch_.generation != 0)
        loop_.unwatch(watch_, fd());
}

void Socket::secure(std::unique_ptr<tls::TlsTransport> tls)
{
    transport_ = std::move(tls);
    tls_ = static_cast<tls::TlsTransport *>(transport_.get());
}

void Socket::dial_tls(const tls::PeerTls &tls)
{
    secure(tls.dial(release()));
}

void Socket::accept_tls(const tls::PeerTls &tls)
{
    secure(tls.listen(release()));
}

void Socket::set_options(std::chrono::seconds keepalive)
{
    const auto set = [&](int level, int option, int value) { ::setsockopt(fd(), level, option, &value, sizeof value); };
    set(IPPROTO_TCP, TCP_NODELAY, 1);
    set(IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsent_bytes);
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, user_timeout_ms);
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(std::min<std::int64_t>(keepalive.count(), 32767)));
    set(IPPROTO_TCP, TCP_KEEPINTVL, keepalive_interval_s);
    set(IPPROTO_TCP, TCP_KEEPCNT, keepalive_probes);
}

bool Socket::watch()
{
    watched_for_ = connecting_ ? EPOLLOUT : EPOLLIN;
    watch_ = loop_.watch(fd(), watched_for_, watched_);
    return watch_.generation != 0;
}

std::string Socket::connected()
{
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd(), SOL_SOCKET, SO_ERROR, &error, &size);
    connecting_ = false;
    return error == 0 ? "" : std::generic_category().message(error);
}

Socket::Wakes Socket::woken(std::uint32_t events)
{
    const bool over = (events & (EPOLLHUP | EPOLLERR)) != 0; // is told whether it was asked for or not
    const bool readable = over || (events & EPOLLIN) != 0, writable = over || (events & EPOLLOUT) != 0;
    Wakes wakes{.read = over || (readable && !paused_), .write = false};
    if (writable && std::exchange(read_waits_to_write_, false))
        wakes.read = true;
    if ((readable && write_waits_ == EPOLLIN) || (writable && write_waits_ == EPOLLOUT)) {
        write_waits_ = 0;
        wakes.write = true;
    }
    return wakes;
}

void Socket::update()
{
    std::uint32_t wanted = write_waits_;
    if (connecting_ || read_waits_to_write_)
        wanted |= EPOLLOUT;
    if (!connecting_ && !paused_)
        wanted |= EPOLLIN;
    if (watch_.generation != 0 && wanted != watched_for_)
        loop_.change(watch_, fd(), watched_for_ = wanted);
}

net::Moved Socket::read(std::span<char> into)
{
    const net::Moved moved = transport_->read(into);
    read_waits_to_write_ = moved.outcome == net::Outcome::WantWrite;
    return moved;
}

net::Moved Socket::write(std::string_view from)
{
    const net::Moved moved = transport_->write(from);
    has_begun_ = moved.outcome == net::Outcome::WantWrite || moved.outcome == net::Outcome::WantRead;
    if (moved.outcome == net::Outcome::WantWrite)
        write_waits_ = EPOLLOUT;
    if (moved.outcome == net::Outcome::WantRead)
        write_waits_ = EPOLLIN;
    return moved;
}

void Socket::wait_to_write()
{
    write_waits_ = EPOLLOUT;
}

std::string Socket::failure() const
{
    return tls_ == nullptr ? "" : tls_->failure();
}

void Socket::take_over(UniqueFd fd, tls::SslPtr ssl)
{
    if (ssl)
        secure(std::make_unique<tls::TlsTransport>(std::move(fd), std::move(ssl), nullptr, tls::Mode::Direct));
    else
        transport_ = std::make_unique<net::PlainTransport>(std::move(fd));
}

void Socket::relinquish()
{
    if (watch_.generation != 0)
        loop_.unwatch(std::exchange(watch_, {}), fd());
    if (tls_ != nullptr)
        tls_->relinquish();
    else
        release().release();
}

} // namespace jabberd::peer
