// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/carrier/guest.h"

#include "link/frame/frame.h"

#include <sys/epoll.h>

#include <utility>

namespace jabberd::link {

namespace {

constexpr Duration introduction_patience = std::chrono::seconds{10};
// Its peer says something every second. What is dead for so long was lost without a word.
constexpr Duration silence_patience = std::chrono::seconds{30};

} // namespace

Guest::Guest(std::unique_ptr<net::Transport> transport, std::string address, Handshake handshake, event::Loop &loop,
             CarrierEvents &events, GuestOwner &owner)
    : stream_(std::move(transport))
    , address_(std::move(address))
    , handshake_(std::move(handshake))
    , loop_(loop)
    , events_(events)
    , owner_(owner)
    , deadline_(loop.now() + introduction_patience)
{
}

Guest::Guest(const CarrierState::Connection &connection, event::Loop &loop, CarrierEvents &events, GuestOwner &owner)
    : stream_(std::make_unique<net::PlainTransport>(UniqueFd{connection.fd}))
    , address_("a predecessor's")
    , peer_(connection.peer)
    , loop_(loop)
    , events_(events)
    , owner_(owner)
    , deadline_(loop.now() + silence_patience)
{
    stream_.restore_unread(connection.bytes);
}

Guest::~Guest()
{
    close();
}

bool Guest::start()
{
    watch_ = loop_.watch(stream_.transport().fd(), EPOLLIN, *this);
    return watched_ = watch_ != SlotId{};
}

void Guest::close()
{
    over_ = true;
    if (std::exchange(watched_, false))
        loop_.unwatch(watch_, stream_.transport().fd());
}

void Guest::relinquish()
{
    close();
    static_cast<net::PlainTransport &>(stream_.transport()).release().release();
}

void Guest::tick(Time now)
{
    if (!over_ && now >= deadline_)
        end(handshake_ ? "it has not introduced itself in time" : "nothing has come for half a minute", !!handshake_);
}

void Guest::end(const std::string &why, bool is_strange)
{
    close();
    owner_.ended(*this, why, is_strange);
}

void Guest::on_ready(std::uint32_t)
{
    const bool open = stream_.read(handshake_ ? Handshake::longest : max_frame);
    if (handshake_)
        greet();
    if (!over_ && !handshake_)
        take_frames();
    if (over_)
        return;
    if (!open || !stream_.why().empty())
        return end(stream_.why(), handshake_ || !stream_.why().starts_with("the connection"));
    if (writes_ != stream_.wants_write()) {
        writes_ = stream_.wants_write();
        loop_.change(watch_, stream_.transport().fd(), EPOLLIN | (writes_ ? EPOLLOUT : 0u));
    }
}

void Guest::greet()
{
    std::string_view message;
    std::string answer;
    while (!over_ && handshake_ && stream_.next(Handshake::longest, message)) {
        const auto step = handshake_->take(message, answer);
        if (!answer.empty())
            stream_.queue(answer);
        if (step == Handshake::Step::Failed) {
            stream_.write(); // that it is refused; of what does not fit in the kernel's buffer it hears nothing
            return end(handshake_->failure(), true);
        }
        if (step == Handshake::Step::Done) {
            peer_ = handshake_->peer();
            handshake_.reset();
            deadline_ = loop_.now() + silence_patience;
            owner_.introduced(*this);
        }
    }
    if (!over_ && !stream_.write())
        end(stream_.why(), true);
}

void Guest::take_frames()
{
    std::string_view frame;
    while (!over_ && stream_.next(max_frame, frame)) {
        deadline_ = loop_.now() + silence_patience;
        if (!events_.on_frame(peer_, frame))
            return end("it has sent what is no frame", true);
    }
}

} // namespace jabberd::link
