// SPDX-License-Identifier: LGPL-2.1-or-later
#include "load/link.h"

#include "websocket/frame.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace jabberd::bench {

namespace {

// The server is measured, not its certificate.
SSL *new_client()
{
    static const tls::SslCtxPtr ctx{SSL_CTX_new(TLS_client_method())};
    SSL_CTX_set_mode(ctx.get(),
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return SSL_new(ctx.get());
}

constexpr std::array<char, 4> mask = {'\x7A', '\x01', '\xF0', '\x3C'};

// A message of a client (RFC 6455 §5.2).
void append_masked_frame(std::string &out, std::string_view message)
{
    const std::size_t begin = out.size();
    websocket::append_frame_header(out, websocket::Opcode::Text, message.size());
    out[begin + 1] = static_cast<char>(out[begin + 1] | '\x80');
    out.append(mask.data(), mask.size());
    for (std::size_t i = 0; i < message.size(); ++i)
        out += static_cast<char>(message[i] ^ mask[i % mask.size()]);
}

} // namespace

Link::Link(std::uint16_t port, bool tls, unsigned address) : fd_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}
{
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl((INADDR_LOOPBACK & ~0xFFu) | address);
    const int on = 1;
    setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // A port of its own for each of a server's clients, not for each of this machine's.
    setsockopt(fd_.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(fd_.get(), reinterpret_cast<const sockaddr *>(&from), sizeof from) != 0 ||
        connect(fd_.get(), reinterpret_cast<const sockaddr *>(&to), sizeof to) != 0)
        throw std::system_error(errno, std::generic_category(), "connect");
    if (!tls)
        return;
    fcntl(fd_.get(), F_SETFL, O_NONBLOCK);
    ssl_.reset(new_client());
    SSL_set_fd(ssl_.get(), fd_.get());
    SSL_set_connect_state(ssl_.get());
}

ssize_t Link::outcome(int result) const
{
    if (result > 0)
        return result;
    const int error = SSL_get_error(ssl_.get(), result);
    errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : EPROTO;
    return error == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

ssize_t Link::write_some()
{
    if (!ssl_)
        return ::send(fd_.get(), out_.data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ERR_clear_error();
    return outcome(SSL_write(ssl_.get(), out_.data(), static_cast<int>(out_.size())));
}

ssize_t Link::read_some(std::span<char> into)
{
    if (!ssl_)
        return recv(fd_.get(), into.data(), into.size(), MSG_DONTWAIT);
    ERR_clear_error();
    return outcome(SSL_read(ssl_.get(), into.data(), static_cast<int>(into.size())));
}

void Link::send(std::string_view bytes)
{
    if (in_messages_ && !bytes.empty())
        append_masked_frame(out_, bytes);
    else
        out_ += bytes;
}

void Link::flush()
{
    while (!out_.empty()) {
        const ssize_t sent = write_some();
        if (sent < 0 && errno == EAGAIN)
            return; // edge-triggered: the poller says when
        if (sent < 0)
            throw std::runtime_error("the server closed a connection");
        out_.erase(0, static_cast<std::size_t>(sent));
    }
}

const std::string &Link::receive()
{
    static std::array<char, 65536> buffer;
    for (;;) {
        const ssize_t size = read_some(buffer);
        if (size == 0 || (size < 0 && errno != EAGAIN))
            throw std::runtime_error("the server closed a connection; its last words: " + in_.substr(0, 500));
        if (size > 0)
            (in_messages_ ? frames_ : in_).append(buffer.data(), static_cast<std::size_t>(size));
        if (in_messages_)
            take_frames();
        if (size < 0 || (!ssl_ && size < static_cast<ssize_t>(buffer.size())))
            return in_; // TLS comes in records: only EAGAIN says that it was all
    }
}

// A server has them whole, and without a mask; pings of it are passed over.
void Link::take_frames()
{
    std::string_view rest = frames_;
    while (rest.size() >= 2) {
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
        const std::size_t header = byte(1) == 126 ? 4 : byte(1) == 127 ? 10 : 2;
        if (rest.size() < header)
            break;
        std::uint64_t size = header == 2 ? byte(1) : 0;
        for (std::size_t i = 2; i < header; ++i)
            size = size << 8 | byte(i);
        if (rest.size() - header < size)
            break;
        if ((byte(0) & 0x0F) == static_cast<unsigned>(websocket::Opcode::Text))
            in_ += rest.substr(header, size);
        rest.remove_prefix(header + size);
    }
    frames_.erase(0, frames_.size() - rest.size());
}

int Poller::make()
{
    return epoll_create1(EPOLL_CLOEXEC);
}

void Poller::add(const Link &link, unsigned number)
{
    epoll_event event{EPOLLIN | EPOLLOUT | EPOLLET, {.u32 = number}};
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, link.fd(), &event) != 0)
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

bool Poller::turn(const std::function<void(unsigned)> &ready, std::chrono::milliseconds patience)
{
    std::array<epoll_event, 256> events;
    const int count = epoll_wait(epoll_.get(), events.data(), events.size(), static_cast<int>(patience.count()));
    for (int i = 0; i < count; ++i)
        ready(events[static_cast<std::size_t>(i)].data.u32);
    return count > 0;
}

void Poller::wait(const std::function<void(unsigned)> &ready, const std::function<bool()> &done,
                  std::chrono::seconds patience)
{
    while (!done()) {
        if (!turn(ready, patience))
            throw std::runtime_error("nothing happened for " + std::to_string(patience.count()) + " s");
    }
}

void Poller::watch(const std::function<void(unsigned)> &ready, std::chrono::seconds time)
{
    using Monotonic = std::chrono::steady_clock;
    const auto end = Monotonic::now() + time;
    for (auto now = Monotonic::now(); now < end; now = Monotonic::now())
        turn(ready, std::chrono::ceil<std::chrono::milliseconds>(end - now));
}

} // namespace jabberd::bench
