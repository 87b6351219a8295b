// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/carrier/call.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace jabberd::link {

namespace {

using std::chrono::milliseconds;

constexpr Duration greeting_patience = milliseconds{10'000}; // from the first packet to the end of the greeting
constexpr unsigned unacknowledged_ms = 10'000; // twice the patience of the protocol above: it is lost then

} // namespace

Call::Call(const TcpPeer &peer, const TcpOptions &options, const std::string &own_name, const tls::PeerTls *tls,
           event::Loop &loop, CallOwner &owner, Duration patience)
    : peer_(peer)
    , options_(options)
    , own_name_(own_name)
    , tls_(tls)
    , loop_(loop)
    , owner_(owner)
    , begin_(loop.now())
    , deadline_(begin_ + patience)
{
}

Call::~Call()
{
    unwatch();
}

void Call::unwatch()
{
    if (watched_fd_ >= 0)
        loop_.unwatch(watch_, std::exchange(watched_fd_, -1));
}

void Call::update_watch()
{
    const int fd = state_ == State::Connecting ? connecting_.get() : stream_->transport().fd();
    const bool writes = state_ == State::Connecting || stream_->wants_write();
    const std::uint32_t wanted = EPOLLIN | (writes ? EPOLLOUT : 0u);
    if (watched_fd_ < 0) {
        watch_ = loop_.watch(fd, wanted, *this);
        if (watch_ == SlotId{})
            return fail("there is no memory to watch the connection");
        watched_fd_ = fd;
    } else if (wanted != watched_for_) {
        loop_.change(watch_, fd, wanted);
    }
    watched_for_ = wanted;
}

void Call::tick(Time now)
{
    if (state_ != State::Over && now >= deadline_)
        fail("it does not answer in time");
}

void Call::dial()
{
    const sockaddr_storage address = peer_.address.storage();
    connecting_ =
        at_or_above(0, UniqueFd{::socket(peer_.address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)});
    if (!connecting_)
        return fail(std::strerror(errno));
    const int one = 1;
    ::setsockopt(connecting_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    ::setsockopt(connecting_.get(), SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
    ::setsockopt(connecting_.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms);
    if (::connect(connecting_.get(), reinterpret_cast<const sockaddr *>(&address), peer_.address.storage_size()) != 0 &&
        errno != EINPROGRESS)
        return fail(std::strerror(errno), false, errno == ECONNREFUSED);
    update_watch();
}

void Call::on_ready(std::uint32_t)
{
    if (state_ == State::Connecting)
        return connected();
    const bool open = stream_->read(Handshake::longest);
    greet();
    if (state_ == State::Over)
        return;
    if (!open || !stream_->why().empty())
        return fail(stream_->why());
    write();
}

void Call::connected()
{
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(connecting_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0)
        return fail(std::strerror(error), false, error == ECONNREFUSED);
    std::unique_ptr<net::Transport> transport;
    if (tls_ == nullptr)
        transport = std::make_unique<net::PlainTransport>(std::move(connecting_));
    else
        transport = tls_->dial(std::move(connecting_));
    stream_ = std::make_unique<FrameStream>(std::move(transport));
    handshake_.emplace(own_name_, peer_.name, options_.secret);
    state_ = State::Greeting;
    deadline_ = begin_ + greeting_patience;
    stream_->queue(handshake_->first());
    write();
}

void Call::greet()
{
    std::string_view message;
    std::string answer;
    while (stream_->next(Handshake::longest, message)) {
        const auto step = handshake_->take(message, answer);
        if (step == Handshake::Step::Failed)
            return fail(handshake_->failure(), handshake_->refused());
        if (!answer.empty())
            stream_->queue(answer);
        if (step == Handshake::Step::Done) {
            state_ = State::Over;
            unwatch();
            return owner_.answered(std::move(stream_));
        }
    }
}

void Call::write()
{
    if (!stream_->write())
        return fail(stream_->why());
    update_watch();
}

void Call::fail(std::string why, bool refused, bool nobody)
{
    state_ = State::Over;
    unwatch();
    owner_.failed({std::move(why), refused, nobody});
}

} // namespace jabberd::link
