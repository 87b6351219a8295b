// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/socket.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace jabberd::connection {

void Socket::save(handover::ConnectionState &state) const
{
    state.fd = fd();
    if (tls_ == nullptr)
        return;
    state.tls = tls_->ssl();
    state.tls_direct = tls_->mode() == tls::Mode::Direct;
}

Socket::Socket(const handover::ConnectionState &state, std::shared_ptr<const tls::Certificates> certificates, bool http)
{
    if (state.tls == nullptr) {
        transport_ = std::make_unique<net::PlainTransport>(UniqueFd{state.fd});
        return;
    }
    auto encrypted = std::make_unique<tls::TlsTransport>(
        UniqueFd{state.fd}, tls::SslPtr{static_cast<SSL *>(state.tls)}, std::move(certificates),
        state.tls_direct ? tls::Mode::Direct : tls::Mode::StartTls, http);
    tls_ = encrypted.get();
    transport_ = std::move(encrypted);
}

void Socket::attach()
{
    net::stop_blocking(fd());
    if (tls_ != nullptr)
        tls_->attach();
}

void Socket::relinquish()
{
    if (tls_ != nullptr)
        tls_->relinquish();
    else
        static_cast<net::PlainTransport &>(*transport_).release().release();
}

void Socket::begin_tls(std::shared_ptr<const tls::Certificates> certificates, std::string_view host_hint,
                       tls::Mode mode, bool http)
{
    auto &plain = static_cast<net::PlainTransport &>(*transport_);
    auto encrypted =
        std::make_unique<tls::TlsTransport>(plain.release(), std::move(certificates), host_hint, mode, http);
    tls_ = encrypted.get();
    transport_ = std::move(encrypted);
}

net::FirstBytes Socket::peek() const
{
    std::array<char, net::enough_first_bytes> first;
    const ssize_t size = ::recv(fd(), first.data(), first.size(), MSG_PEEK);
    if (size <= 0)
        return net::FirstBytes::Other; // the read will tell what this is
    return net::recognise({first.data(), static_cast<std::size_t>(size)});
}

net::Moved Socket::read(std::span<char> into, tls::Records &records)
{
    const net::Moved moved = tls_ != nullptr
                                 ? tls_->read_all(into, records)
                                 : transport_->read(into.first(std::min(into.size(), tls::TlsTransport::read_at_once)));
    read_waits_for_ = moved.outcome == net::Outcome::WantWrite ? Direction::Writable : Direction::Readable;
    return moved;
}

net::Moved Socket::write(std::string_view from)
{
    const net::Moved moved = transport_->write(from);
    if (moved.outcome == net::Outcome::WantWrite)
        write_waits_for_ = Direction::Writable;
    else if (moved.outcome == net::Outcome::WantRead)
        write_waits_for_ = Direction::Readable;
    return moved;
}

Socket::Ready Socket::ready(std::uint32_t epoll_events)
{
    const bool writable = (epoll_events & EPOLLOUT) != 0;
    // EPOLLERR and EPOLLHUP come unasked, also while nothing is to be read: the read tells what happened.
    const bool readable = (epoll_events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;
    Ready ready{.read = readable || (writable && read_waits_for_ == Direction::Writable), .write = false};
    if (write_blocked() && (write_waits_for_ == Direction::Readable ? readable : writable)) {
        write_waits_for_ = Direction::None;
        ready.write = true;
    }
    return ready;
}

bool Socket::watch_for(std::uint32_t events, event::Loop &loop, event::Watched &watched)
{
    // Not watched at all rather than watched for nothing: a hang-up is reported unasked, over and over.
    if (events == 0)
        unwatch(loop);
    else if (watched_events_ != 0)
        loop.change(watch_, fd(), events);
    else if (watch_ = loop.watch(fd(), events, watched); watch_.generation == 0)
        return false;
    watched_events_ = events;
    return true;
}

void Socket::unwatch(event::Loop &loop)
{
    if (watched_events_ != 0)
        loop.unwatch(watch_, fd());
    watched_events_ = 0;
}

} // namespace jabberd::connection
