// SPDX-License-Identifier: LGPL-2.1-or-later
#include "upstream/client/link.h"

#include "upstream/wire/proxy_header.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace jabberd::upstream {

namespace {

constexpr std::chrono::seconds keepalive{60};

[[noreturn]] void fail(const char *call)
{
    throw std::system_error{errno, std::generic_category(), call};
}

// Non-blocking: the kernel says later what became of it. (A unix socket is connected, or refused, at once.)
UniqueFd dial_unix(const UnixSocket &server)
{
    UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (fd.get() < 0)
        fail("socket");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, server.path.c_str(), server.path.size() + 1);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 && errno != EAGAIN)
        fail("connect");
    return fd;
}

// One pair of addresses has some 28 000 ports: with several of ours there are more.
void bind_to(int fd, const net::SocketAddress &local)
{
    const int on = 1;
    ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    const sockaddr_storage address = local.storage();
    if (::bind(fd, reinterpret_cast<const sockaddr *>(&address), local.storage_size()) != 0)
        fail("bind");
}

UniqueFd dial_tcp(const net::SocketAddress &server, const net::SocketAddress *local)
{
    UniqueFd fd{::socket(server.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (fd.get() < 0)
        fail("socket");
    if (local != nullptr)
        bind_to(fd.get(), *local);
    const sockaddr_storage address = server.storage();
    if (::connect(fd.get(), reinterpret_cast<const sockaddr *>(&address), server.storage_size()) != 0 &&
        errno != EINPROGRESS)
        fail("connect");
    return fd;
}

UniqueFd dial(Around &around, const std::optional<net::SocketAddress> &elsewhere)
{
    const Options &options = *around.options;
    if (elsewhere)
        return dial_tcp(*elsewhere, nullptr);
    if (const auto *unix_socket = std::get_if<UnixSocket>(&options.server))
        return dial_unix(*unix_socket);
    const net::SocketAddress *local =
        options.local.empty() ? nullptr : &options.local[around.dialled++ % options.local.size()];
    return dial_tcp(std::get<net::SocketAddress>(options.server), local);
}

} // namespace

Link::Link(Around &around, LinkOwner &owner, Caller caller)
    : around_(around)
    , owner_(owner)
    , caller_(std::move(caller))
    , socket_(around.loop, *this, dial(around, caller_.server), true)
    , stream_(*this)
{
    if (!socket_.watch())
        throw std::system_error{ENOSPC, std::generic_category(), "epoll"};
}

Link::Link(Around &around, LinkOwner &owner, LinkState state)
    : around_(around), owner_(owner), socket_(around.loop, *this, false), stream_(*this), is_open_(true)
{
    stream_.restore({state.header_due, state.ended, std::move(state.primer), std::move(state.unfinished)},
                    around.options->stanza, around.parsers);
    unwritten_ = std::move(state.unwritten);
    socket_.take_over(UniqueFd{state.fd}, tls::SslPtr{static_cast<SSL *>(state.tls)});
}

LinkState Link::save() const
{
    ServerStream::Value stream = stream_.save();
    return {socket_.fd(),
            socket_.ssl(),
            stream.header_due,
            stream.ended,
            std::move(stream.primer),
            std::move(stream.unfinished),
            unwritten_};
}

void Link::wake()
{
    socket_.set_options(keepalive);
    if (!socket_.watch())
        return lose({}, "out of epoll watches");
    flush();
}

// A connection of our own comes from where it comes from: ejabberd closes one that is said to be of nowhere.
std::string Link::proxy_header() const
{
    const auto *server = std::get_if<net::SocketAddress>(&around_.options->server);
    const net::SocketAddress to = caller_.server      ? *caller_.server
                                  : server == nullptr ? *net::SocketAddress::parse("127.0.0.1", 0)
                                                      : *server;
    std::optional<net::SocketAddress> from = caller_.client;
    if (!from && server != nullptr)
        from = net::SocketAddress::of(socket_.fd());
    switch (around_.options->proxy) {
    case ProxyProtocol::No: return {};
    case ProxyProtocol::V1: return proxy_header_v1(from, to);
    case ProxyProtocol::V2: return proxy_header_v2(from, to);
    }
    return {};
}

void Link::connected()
{
    const std::string why = socket_.connected();
    if (!why.empty())
        return lose({}, why);
    socket_.set_options(keepalive);
    // A new socket has room for it; and it stands outside of TLS.
    if (const std::string header = proxy_header(); !header.empty()) {
        const net::Moved moved = socket_.write(header);
        if (moved.outcome != net::Outcome::Progress || moved.bytes != header.size())
            return lose({}, "the PROXY header cannot be written");
    }
    if (around_.options->tls)
        socket_.dial_tls(*around_.options->tls);
    unwritten_.insert(0, stream_.open(caller_.host, caller_.from, caller_.lang));
    flush();
}

void Link::open_anew(const Caller &caller)
{
    write(stream_.open(caller.host, caller.from, caller.lang));
}

void Link::on_ready(std::uint32_t events)
{
    if (socket_.connecting()) {
        connected();
    } else {
        const auto wakes = socket_.woken(events);
        if (wakes.read)
            read();
        if (!is_over_)
            flush();
    }
    if (!is_over_)
        socket_.update();
}

void Link::read()
{
    std::array<char, 32 * 1024> buffer;
    const net::Moved got = socket_.read(buffer);
    switch (got.outcome) {
    case net::Outcome::Progress:
        return stream_.feed({buffer.data(), got.bytes}, around_.options->stanza, around_.parsers);
    case net::Outcome::WantRead:
    case net::Outcome::WantWrite: return;
    case net::Outcome::CleanEnd:
    case net::Outcome::Truncated: return lose({}, "the server has closed the connection");
    case net::Outcome::Failed: {
        const std::string failure = socket_.failure();
        return lose({}, failure.empty() ? "the connection is broken" : "TLS: " + failure);
    }
    }
}

void Link::flush()
{
    while (!is_over_ && !unwritten_.empty() && socket_.can_write()) {
        const net::Moved moved = socket_.write(unwritten_);
        if (moved.outcome == net::Outcome::Progress) {
            unwritten_.erase(0, moved.bytes);
            continue;
        }
        if (moved.outcome != net::Outcome::WantRead && moved.outcome != net::Outcome::WantWrite)
            return lose({}, "the server has closed the connection");
    }
    if (finishes_ && !is_over_ && unwritten_.empty()) {
        finishes_ = false;
        socket_.shutdown_write();
    }
    if (!is_over_)
        socket_.update();
}

void Link::finish()
{
    finishes_ = true;
    pause(false);
    flush();
}

void Link::pause(bool paused)
{
    socket_.pause(paused);
    if (!is_over_)
        socket_.update();
}

void Link::features(std::string_view children)
{
    is_open_ = true;
    owner_.features(children);
}

void Link::ended(End, std::string_view condition, std::string_view text)
{
    lose(condition, text.empty() ? "the server has closed the stream" : text);
}

// An address, and of a port of its own or the usual one: no name is looked up.
bool Link::moved(std::string_view where)
{
    constexpr std::uint16_t usual_port = 5222;
    auto address = net::SocketAddress::from_string(where);
    if (!address || address->port() == 0)
        address = net::SocketAddress::parse(where, usual_port);
    if (is_over_ || !address || !owner_.moved(*address))
        return false;
    is_over_ = true;
    socket_.pause(true);
    return true;
}

void Link::lose(std::string_view condition, std::string_view text)
{
    if (std::exchange(is_over_, true))
        return;
    socket_.pause(true);
    owner_.lost(condition, text);
}

} // namespace jabberd::upstream
