// SPDX-License-Identifier: LGPL-2.1-or-later
// A connection as a value, and back (include/jabberd/snapshot.h). What wake() and attach() do is all that a connection
// has to do anew: everything else of it is data.
#include "connection/connection.h"

#include "base/view.h"
#include "connection/worker.h"
#include "packet/stanza_rules.h"
#include "xml/packet_text.h"

#include <sys/epoll.h>

#include <stdexcept>

namespace jabberd::connection {

namespace {

std::uint64_t nanoseconds(Time time)
{
    return time == never ? 0 : static_cast<std::uint64_t>(time.time_since_epoch().count());
}

Time time_of(std::uint64_t nanoseconds)
{
    return nanoseconds == 0 ? never : Time{Duration{static_cast<Duration::rep>(nanoseconds)}};
}

std::vector<std::string> texts_of(const std::vector<OwnedPacket> &packets)
{
    std::vector<std::string> texts;
    for (const OwnedPacket &packet : packets)
        xml::append_packet(texts.emplace_back(), packet.packet());
    return texts;
}

constexpr xml::Limits any_size{
    .bytes = INT_MAX, .elements = UINT_MAX, .attributes = UINT_MAX, .depth = UINT_MAX, .name_bytes = UINT_MAX};

class OnePacket final : public xml::Events {
public:
    OwnedPacket packet;
    unsigned count = 0;

private:
    void on_stream_header(const xml::StreamHeader &) override {}
    void on_stream_end() override { count = 2; }
    void on_stanza(const xml::Stanza &stanza) override
    {
        packet = OwnedPacket{stanza.packet};
        ++count;
    }
};

std::vector<OwnedPacket> packets_of(const std::vector<std::string> &texts)
{
    std::vector<OwnedPacket> packets;
    for (const std::string &text : texts) {
        xml::Parser parser{xml::usual_primer};
        OnePacket one;
        if (parser.feed(text, {.limits = any_size}, one) != xml::Fault::None || one.count != 1)
            throw std::runtime_error{"what is not a packet"};
        packets.push_back(std::move(one.packet));
    }
    return packets;
}

// Of bytes that were read before: they bring nothing new.
class Nothing final : public xml::Events {
public:
    bool broken = false;

private:
    void on_stream_header(const xml::StreamHeader &) override { broken = true; }
    void on_stanza(const xml::Stanza &) override { broken = true; }
    void on_stream_end() override { broken = true; }
};

} // namespace

handover::ConnectionState Connection::freeze() const
{
    handover::ConnectionState s;
    s.address = address();
    s.fd = transport_->fd();
    if (secure()) {
        s.tls = tls_->ssl();
        s.tls_direct = tls_->mode() == tls::Mode::Direct;
    }
    s.client = from_.to_string();
    s.stream = static_cast<std::uint32_t>(state_);
    if (session_)
        session_->save(s);
    s.ended = session_ended_;
    s.stream_id = stream_id_;
    s.header = primer_;
    s.unfinished = unfinished_;
    s.unread = unread_;
    if (queue_) {
        for (const net::OutQueue::Piece &piece : queue_->pieces())
            s.queued.push_back(
                {std::string{piece.bytes}, static_cast<std::uint32_t>(piece.written), std::string{piece.sfrom}});
    }
    s.held = texts_of(held_);
    s.early = texts_of(early_);
    s.since = nanoseconds(since_);
    s.last_read = nanoseconds(last_read_);
    s.last_write = nanoseconds(last_write_);
    s.give_up = nanoseconds(give_up_);
    s.answer_by = nanoseconds(answer_by_);
    s.read_again = nanoseconds(read_again_);
    s.finish_by = nanoseconds(finish_by_);
    if (read_by_ != never) // progress is not looked for again by the successor's beginning
        s.read_by = nanoseconds(has_read() ? progress_due() : read_by_);
    s.bytes_in = bytes_in_;
    s.bytes_out = bytes_out_;
    s.stanzas_in = stanzas_in_;
    s.stanzas_out = stanzas_out_;
    return s;
}

Connection::Connection(Worker &worker, const handover::ConnectionState &s)
    : worker_(worker)
    , address_(s.address)
    , stream_id_(s.stream_id)
    , primer_(s.header)
    , held_(packets_of(s.held))
    , early_(packets_of(s.early))
    , unread_(s.unread)
    , unfinished_(s.unfinished)
    , since_(time_of(s.since))
    , last_read_(time_of(s.last_read))
    , last_write_(time_of(s.last_write))
    , give_up_(time_of(s.give_up))
    , answer_by_(time_of(s.answer_by))
    , finish_by_(s.unfinished.empty() ? never : time_of(s.finish_by))
    , read_again_(s.read_again == 0 ? since_ : time_of(s.read_again))
    , read_by_(time_of(s.read_by))
    , byte_rate_(worker.options().limits.bytes, worker.loop().now())
    , stanza_rate_(worker.options().limits.stanzas, worker.loop().now())
    , bytes_in_(s.bytes_in)
    , bytes_out_(s.bytes_out)
    , stanzas_in_(s.stanzas_in)
    , stanzas_out_(s.stanzas_out)
    , state_(static_cast<State>(s.stream))
    , session_ended_(s.ended)
{
    const auto client = net::SocketAddress::from_string(s.client);
    if (!client)
        throw std::runtime_error{"a client's address that is none: " + s.client};
    from_ = *client;
    if (s.to) {
        session_.emplace(s);
        if (!worker.options().advertise_registration)
            session_->hide_registration();
    }
    if ((state_ == State::Open || state_ == State::Proceeding) && !session_)
        throw std::runtime_error{"an open stream to nobody"};
    for (const auto &piece : s.queued)
        queue().restore({piece.bytes, piece.written, piece.sfrom.empty() ? std::string_view{} : piece.sfrom});
    if (!unfinished_.empty() && (state_ == State::Opening || state_ == State::Open)) {
        const std::string_view primer = primer_.empty() ? xml::usual_primer : std::string_view{primer_};
        parser_ = state_ == State::Opening ? std::make_unique<xml::Parser>() : worker.parsers().borrow(primer);
        Nothing nothing;
        const xml::Rules rules = packet::stanza_rules(any_size, bound() ? std::string_view{} : stream_id_);
        if (parser_->feed(unfinished_, rules, nothing) != xml::Fault::None || nothing.broken)
            throw std::runtime_error{"an unfinished element that is finished, or none"};
        if (finish_by_ == never) // its predecessor has no such deadline
            finish_by_ = worker.loop().now() + worker.options().stanzatime;
    }
    // Nothing below throws: from here on socket and SSL are ours.
    if (s.tls != nullptr) {
        auto encrypted = std::make_unique<tls::TlsTransport>(UniqueFd{s.fd}, tls::SslPtr{static_cast<SSL *>(s.tls)},
                                                             worker.certificates(),
                                                             s.tls_direct ? tls::Mode::Direct : tls::Mode::StartTls);
        tls_ = encrypted.get();
        transport_ = std::move(encrypted);
    } else {
        transport_ = std::make_unique<net::PlainTransport>(UniqueFd{s.fd});
    }
    written_before_ = bytes_out_;
    unacknowledged_before_ = net::unacknowledged(transport_->fd());
    worker.plant().address_caps.restore(from_);
    ++worker.plant().connections;
    account();
}

bool Connection::take_over(SlotId id)
{
    id_ = id;
    watched_events_ = EPOLLIN;
    watch_ = worker_.loop().watch(transport_->fd(), watched_events_, *this);
    arm();
    return watch_.generation != 0;
}

void Connection::attach()
{
    net::stop_blocking(transport_->fd());
    if (secure())
        tls_->attach();
}

void Connection::relinquish()
{
    if (secure())
        tls_->relinquish();
    else
        static_cast<net::PlainTransport &>(*transport_).release().release();
}

void Connection::wake()
{
    if (state_ == State::Closed)
        return;
    if (queue_ || state_ == State::Proceeding || state_ == State::Ending)
        worker_.flush_later(*this); // also for a close_notify that found no room
    resume_host();
    if (state_ == State::Opening || state_ == State::Open)
        read_on();
    if (secure() && tls_->needs_a_call())
        read();
}

} // namespace jabberd::connection
