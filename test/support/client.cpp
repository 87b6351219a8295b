// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace jabberd::test {

namespace {

sockaddr_in loopback(const std::string &address, std::uint16_t port)
{
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(port);
    inet_pton(AF_INET, address.c_str(), &result.sin_addr);
    return result;
}

template <typename Option>
void set_option(int fd, int level, int name, Option value)
{
    setsockopt(fd, level, name, &value, sizeof value);
}

bool wait_for(int fd, short events, Clock::time_point deadline)
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd descriptor{fd, events, 0};
    return poll(&descriptor, 1, static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0))) > 0;
}

} // namespace

Client::Client(std::uint16_t port, const std::string &from, std::optional<int> receive_buffer)
    : fd_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}
{
    const sockaddr_in here = loopback(from, 0), there = loopback("127.0.0.1", port);
    if (receive_buffer)
        set_option(fd_, SOL_SOCKET, SO_RCVBUF, *receive_buffer);
    set_option(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    if (bind(fd_, reinterpret_cast<const sockaddr *>(&here), sizeof here) != 0 ||
        connect(fd_, reinterpret_cast<const sockaddr *>(&there), sizeof there) != 0) {
        const int reason = errno;
        close();
        throw std::system_error(reason, std::generic_category(), "connect to 127.0.0.1:" + std::to_string(port));
    }
    set_option(fd_, IPPROTO_TCP, TCP_NODELAY, 1);
}

Client::~Client()
{
    close();
}

void Client::say_hello(Hello how_much)
{
    tls_ = std::make_unique<ClientTls>();
    shaking_ = true;
    tls_->shake();
    std::string hello = tls_->take_wire();
    if (how_much == Hello::Half)
        unsent_ = hello.substr(hello.size() / 2);
    send_wire(std::string_view{hello}.substr(0, hello.size() - unsent_.size()), soon());
}

bool Client::begin_tls(const std::string &server_name, Clock::time_point deadline)
{
    if (!std::exchange(shaking_, false))
        tls_ = std::make_unique<ClientTls>(server_name);
    send_wire(std::exchange(unsent_, {}), deadline);
    for (;;) {
        const bool done = tls_->shake();
        send_wire(tls_->take_wire(), deadline);
        if (done || tls_->failed())
            return done;
        if (!read_once() && (ending_ != Ending::Open || !wait_for(fd_, POLLIN, deadline)))
            return false;
    }
}

bool Client::begin_websocket(const std::string &path, const std::string &origin, Clock::time_point deadline)
{
    websocket_ = std::make_unique<ClientWebsocket>(messages_);
    send(ClientWebsocket::request(path, origin), deadline);
    while (!websocket_->is_open()) {
        if (!read_once() &&
            (!websocket_->error().empty() || ending_ != Ending::Open || !wait_for(fd_, POLLIN, deadline)))
            return false;
    }
    return true;
}

void Client::say(std::string_view text)
{
    if (!websocket_) {
        send(text);
        return;
    }
    std::string frames;
    for (const std::string &message : ClientWebsocket::messages_of(text))
        frames += ClientWebsocket::frame(message);
    send(frames);
}

std::size_t Client::send(std::string_view bytes, Clock::time_point deadline)
{
    if (!tls_) {
        if (unsent_.empty())
            return send_wire(bytes, deadline);
        return send_wire(std::exchange(unsent_, {}) + std::string{bytes}, deadline);
    }
    tls_->write(bytes);
    const std::string wire = std::exchange(unsent_, {}) + tls_->take_wire();
    return send_wire(wire, deadline) == wire.size() ? bytes.size() : 0;
}

void Client::send_half(std::string_view bytes)
{
    const std::string frame = websocket_ ? ClientWebsocket::frame(bytes) : std::string{bytes};
    if (tls_)
        tls_->write(frame);
    const std::string wire = tls_ ? tls_->take_wire() : frame;
    unsent_ = wire.substr(wire.size() / 2);
    send_wire(std::string_view{wire}.substr(0, wire.size() / 2), soon());
}

void Client::end_tls()
{
    tls_->close();
    send_wire(tls_->take_wire(), soon());
}

std::size_t Client::send_wire(std::string_view bytes, Clock::time_point deadline)
{
    std::size_t sent = 0;
    while (sent < bytes.size() && wait_for(fd_, POLLOUT, deadline)) {
        const ssize_t n = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            break;
        sent += n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    return sent;
}

bool Client::read_once()
{
    char bytes[16384];
    const ssize_t n = fd_ < 0 || ending_ != Ending::Open ? -1 : recv(fd_, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n > 0) {
        const std::string_view chunk{bytes, static_cast<std::size_t>(n)};
        if (tls_)
            tls_->arrived(chunk);
        take(tls_ ? std::string_view{tls_->read()} : chunk);
        return true;
    }
    if (n == 0)
        ending_ = Ending::Closed;
    else if (fd_ >= 0 && ending_ == Ending::Open && errno != EAGAIN && errno != EINTR)
        ending_ = Ending::Reset;
    return false;
}

// Our side of a stream begins with an XML declaration, also when it begins anew on the same connection.
void Client::take(std::string_view bytes)
{
    if (websocket_) {
        received_ += bytes;
        return websocket_->arrived(bytes);
    }
    const auto begin = bytes.find("<?xml ");
    if (begin != std::string_view::npos) {
        reader_->read(bytes.substr(0, begin));
        auto events = std::move(reader_->events());
        reader_ = std::make_unique<StreamReader>();
        reader_->events() = std::move(events);
        received_ += bytes.substr(0, begin);
        bytes.remove_prefix(begin);
    }
    received_ += bytes;
    reader_->read(bytes);
}

void Client::collect()
{
    while (read_once())
        continue;
}

std::optional<StreamEvent> Client::receive(Clock::time_point deadline)
{
    while (events().empty()) {
        if (read_once())
            continue;
        if (fd_ < 0 || ending_ != Ending::Open || !error().empty() || !wait_for(fd_, POLLIN, deadline))
            return std::nullopt;
    }
    StreamEvent event = std::move(events().front());
    events().pop_front();
    return event;
}

Client::Ending Client::wait_for_ending(Clock::time_point deadline)
{
    while (fd_ >= 0 && ending_ == Ending::Open) {
        if (!read_once() && ending_ == Ending::Open && !wait_for(fd_, POLLIN, deadline))
            break;
    }
    return ending_;
}

void Client::finish()
{
    shutdown(fd_, SHUT_WR);
}

void Client::close()
{
    if (fd_ >= 0)
        ::close(std::exchange(fd_, -1));
}

void Client::reset()
{
    set_option(fd_, SOL_SOCKET, SO_LINGER, linger{1, 0});
    close();
}

} // namespace jabberd::test
