// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/carrier/dialer.h"

#include "link/frame/frame.h"

#include <sys/epoll.h>

#include <algorithm>
#include <utility>

namespace jabberd::link {

namespace {

using std::chrono::milliseconds;

constexpr Retries::Pauses pauses = {milliseconds{100}, milliseconds{5'000}, milliseconds{1'000}, milliseconds{60'000}};
constexpr Duration first_patience = milliseconds{10'000};
// The kernel repeats the first packet of a connection after 1 s, 3 s, 7 s: a new one is sooner there when a cut ends.
constexpr Duration second_patience = milliseconds{1'000};
constexpr std::size_t enough_queued = 262'144; // more waits in the ring, where it can still be changed

} // namespace

Dialer::Dialer(const TcpPeer &peer, const TcpOptions &options, const std::string &own_name, const tls::PeerTls *tls,
               event::Loop &loop, CarrierEvents &events)
    : peer_(peer), options_(options), own_name_(own_name), tls_(tls), loop_(loop), events_(events), retries_(pauses)
{
}

Dialer::~Dialer()
{
    close();
}

void Dialer::start()
{
    if (!up())
        return;
    update_watch();
    events_.on_carried(peer_.name, Carried::Up, "taken over");
}

void Dialer::close()
{
    if (watched_fd_ >= 0)
        loop_.unwatch(watch_, std::exchange(watched_fd_, -1));
    stream_.reset();
}

void Dialer::update_watch()
{
    const std::uint32_t wanted = EPOLLIN | (stream_->wants_write() ? EPOLLOUT : 0u);
    if (watched_fd_ < 0) {
        watch_ = loop_.watch(stream_->transport().fd(), wanted, *this);
        if (watch_ == SlotId{})
            return lost("there is no memory to watch the connection");
        watched_fd_ = stream_->transport().fd();
    } else if (wanted != watched_for_) {
        loop_.change(watch_, watched_fd_, wanted);
    }
    watched_for_ = wanted;
}

void Dialer::tick(Time now)
{
    if (up())
        acks_.look(stream_->transport().fd(), now);
    if (call_ != nullptr)
        call_->tick(now);
    if (call_ == nullptr && now >= retry_at_ && (!up() || acks_.is_silent()))
        dial(now);
}

void Dialer::dial(Time now)
{
    retry_at_ = now + second_patience; // of a second one; the failure of a first one says otherwise
    call_ = std::make_unique<Call>(peer_, options_, own_name_, tls_, loop_, static_cast<CallOwner &>(*this),
                                   up() ? second_patience : first_patience);
    call_->dial();
}

// Of a first connection what was written is lost with it, perhaps: the protocol above repairs that.
void Dialer::answered(std::unique_ptr<FrameStream> stream)
{
    over_ = std::move(call_);
    if (up())
        events_.on_line(JABBERD_LOG_INFO, "link to " + peer_.name + " at " + peer_.address.to_string() +
                                              ": nothing was acknowledged for a while; a second connection is up");
    close();
    stream_ = std::move(stream);
    acks_ = {};
    retries_.succeeded();
    last_line_.clear();
    write();
    if (up())
        events_.on_carried(peer_.name, Carried::Up, describe());
}

void Dialer::failed(Failure failure)
{
    over_ = std::move(call_);
    if (failure.refused)
        pause_refused(failure.why);
    if (up())
        return;
    if (!failure.refused) {
        retry_at_ = loop_.now() + with_jitter(retries_.after_failure());
        if (std::exchange(last_line_, failure.why) != failure.why)
            events_.on_line(JABBERD_LOG_INFO, "link to " + peer_.name + " at " + peer_.address.to_string() +
                                                  ": cannot connect: " + failure.why);
    }
    events_.on_carried(peer_.name, failure.nobody ? Carried::NobodyThere : Carried::Down, failure.why);
}

void Dialer::pause_refused(const std::string &why)
{
    const Duration pause = retries_.after_refusal();
    retry_at_ = loop_.now() + with_jitter(pause);
    events_.on_line(JABBERD_LOG_ERROR, "link to " + peer_.name + " at " + peer_.address.to_string() +
                                           " refused: " + why + "; next try in " +
                                           std::to_string(pause / std::chrono::seconds{1}) + " s or so");
}

void Dialer::on_ready(std::uint32_t)
{
    read();
    if (up())
        write();
}

void Dialer::read()
{
    const bool open = stream_->read(Handshake::longest);
    std::string_view message;
    if (stream_->next(Handshake::longest, message))
        return lost("it says something where it should only listen");
    if (!open || !stream_->why().empty())
        lost(stream_->why());
}

void Dialer::write()
{
    if (!stream_->write())
        return lost(stream_->why());
    update_watch();
    if (up() && std::exchange(was_full_, !has_room()) && has_room())
        events_.on_room(peer_.name);
}

bool Dialer::has_room() const
{
    return up() && stream_->queued() < enough_queued;
}

void Dialer::flush()
{
    over_.reset();
    if (!up() || stream_->queued() == 0)
        return;
    was_full_ = was_full_ || !has_room();
    write();
}

void Dialer::lost(std::string why)
{
    const std::string reason = std::move(why); // perhaps of the stream, which ends here
    close();
    if (call_ == nullptr)
        retry_at_ = loop_.now() + with_jitter(retries_.after_failure());
    events_.on_carried(peer_.name, Carried::Down, reason);
}

std::string Dialer::describe() const
{
    const std::string tls = up() ? stream_->transport().security() : "";
    return "TCP " + peer_.address.to_string() + (tls.empty() ? "" : ", " + tls);
}

CarrierState::Connection Dialer::save() const
{
    return {stream_->transport().fd(), peer_.name, true, stream_->unwritten()};
}

void Dialer::relinquish()
{
    if (watched_fd_ >= 0)
        loop_.unwatch(watch_, std::exchange(watched_fd_, -1));
    static_cast<net::PlainTransport &>(stream_->transport()).release().release();
    stream_.reset();
    call_.reset(); // the successor sees for itself
}

void Dialer::take_over(const CarrierState::Connection &connection)
{
    stream_ = std::make_unique<FrameStream>(std::make_unique<net::PlainTransport>(UniqueFd{connection.fd}));
    stream_->restore_unwritten(connection.bytes);
}

} // namespace jabberd::link
