// SPDX-License-Identifier: LGPL-2.1-or-later
// Life, readiness and deadlines; reading, writing and ending have files of their own.
#include "connection/connection.h"

#include "connection/worker.h"
#include "stream/stream_error.h"

#include <sys/epoll.h>

#include <algorithm>

namespace jabberd::connection {

Connection::Connection(Worker &worker, UniqueFd fd, const net::SocketAddress &from, bool direct)
    : worker_(worker)
    , transport_(std::make_unique<net::PlainTransport>(std::move(fd)))
    , from_(from)
    , since_(worker.loop().now())
    , last_read_(since_)
    , last_write_(since_)
    , give_up_(worker.options().authtime.count() == 0 ? never : since_ + worker.options().authtime)
    , read_again_(since_)
    , byte_rate_(worker.options().limits.bytes, since_)
    , stanza_rate_(worker.options().limits.stanzas, since_)
{
    if (direct)
        begin_tls(tls::Mode::Direct);
}

Connection::~Connection()
{
    worker_.plant().address_caps.release(from_);
    --worker_.plant().connections;
}

bool Connection::open(SlotId id, std::string address)
{
    id_ = id;
    address_ = std::move(address);
    watched_events_ = EPOLLIN;
    watch_ = worker_.loop().watch(transport_->fd(), watched_events_, *this);
    arm();
    return watch_.generation != 0;
}

void Connection::on_ready(std::uint32_t epoll_events)
{
    const bool writable = (epoll_events & EPOLLOUT) != 0;
    // EPOLLERR and EPOLLHUP come unasked, also while we do not want to read: the read tells what happened.
    const bool readable = (epoll_events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;
    if (write_blocked_ && (write_wants_read_ ? readable : writable)) {
        write_blocked_ = write_wants_read_ = false;
        worker_.flush_later(*this);
    }
    if (readable || (writable && read_wants_write_))
        read();
}

void Connection::on_timer()
{
    const Time now = worker_.loop().now();
    if (now >= give_up_) {
        if (state_ == State::Ending)
            return close();
        return end({stream::Condition::ConnectionTimeout, "No login in time"});
    }
    if (now >= finish_by_) {
        if (!waiting_for_host_)
            return end({stream::Condition::ConnectionTimeout, "What was begun was not finished in time"});
        expect_rest(); // it is us who do not read
    }
    if (now >= answer_by_ && session_ && session_->asks_features())
        assume_iq_auth("it has not answered what it offers");
    if (now >= read_by_) {
        look_for_progress();
        if (state_ == State::Closed)
            return;
    }
    const auto heartbeat = worker_.options().heartbeat;
    if (state_ == State::Open && heartbeat.count() > 0 && now - last_write_ >= heartbeat) {
        last_write_ = now;
        if (!queue_ && !session_->in_exchange()) {
            queue().append(" "); // RFC 6120 §4.6.1
            queued();
        }
    }
    watch();
    arm();
}

// One timer for all deadlines. Activity does not move it: when it fires too early, it is set again.
void Connection::arm()
{
    const auto heartbeat = worker_.options().heartbeat;
    Time next = std::min({give_up_, answer_by_, finish_by_, read_by_});
    if (state_ == State::Open && heartbeat.count() > 0)
        next = std::min(next, last_write_ + heartbeat);
    if (read_again_ > worker_.loop().now())
        next = std::min(next, read_again_);
    if (next == never)
        return cancel();
    if (!armed() || deadline() > next)
        worker_.loop().timers().set(*this, next);
}

void Connection::watch()
{
    if (state_ == State::Closed)
        return;
    const bool reading = state_ == State::Ending || (!waiting_for_host_ && !paused_ && state_ != State::Proceeding &&
                                                     read_again_ <= worker_.loop().now());
    const bool to_read = (reading && !read_wants_write_) || (write_blocked_ && write_wants_read_);
    const bool to_write = (write_blocked_ && !write_wants_read_) || (reading && read_wants_write_);
    const std::uint32_t wanted = (to_read ? EPOLLIN : 0u) | (to_write ? EPOLLOUT : 0u);
    if (wanted == watched_events_)
        return;
    // Not watched at all rather than watched for nothing: a hang-up is reported unasked, over and over.
    if (wanted == 0) {
        worker_.loop().unwatch(watch_, transport_->fd());
    } else if (watched_events_ != 0) {
        worker_.loop().change(watch_, transport_->fd(), wanted);
    } else if (watch_ = worker_.loop().watch(transport_->fd(), wanted, *this); watch_.generation == 0) {
        return lost("out of epoll watches");
    }
    watched_events_ = wanted;
}

void Connection::resume_host()
{
    deliver_held(false);
    if (waiting_for_host_ && finish_by_ != never)
        expect_rest();
    waiting_for_host_ = worker_.plant().host.full();
    watch();
}

Connection::Status Connection::status() const
{
    return {address(),
            session_ ? session_->sto() : std::string_view{},
            from_,
            bound(),
            since_,
            last_read_,
            bytes_in_,
            bytes_out_,
            stanzas_in_,
            stanzas_out_,
            queue_ ? queue_->size() : 0,
            transport_->security()};
}

} // namespace jabberd::connection
