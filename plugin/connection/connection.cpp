// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/connection.h"

#include "connection/opening.h"

#include <algorithm>
#include <utility>

namespace jabberd::connection {

namespace {

using stream::Condition;

// A login takes a few hundred bytes; a client that sends this many without one is not going to log in.
constexpr std::uint64_t max_bytes_before_login = 65536;

// More than this is not kept until the end of the turn: a client that is sent a megabyte in one turn is not behind with
// reading, yet.
constexpr std::size_t write_at_once = 65536;

} // namespace

Connection::Connection(Surroundings &around, UniqueFd fd, const net::SocketAddress &from, bool direct)
    : around_(around)
    , from_(from)
    , socket_(std::move(fd))
    , incoming_(around.options->limits, around.now())
    , outgoing_(stream::one_document(), around.now())
    , conversation_(*this)
    , since_(around.now())
{
    if (options().authtime.count() > 0)
        deadlines_.set(Deadline::End, since_ + options().authtime);
    if (direct)
        begin_tls(tls::Mode::Direct);
}

Connection::~Connection()
{
    around_.shared.address_caps.release(from_);
    --around_.shared.connections;
}

bool Connection::open(SlotId id, std::string address)
{
    conversation_.begin(std::move(address));
    return take_over(id);
}

bool Connection::take_over(SlotId id)
{
    id_ = id;
    arm();
    return socket_.watch(around_.loop, *this, true);
}

void Connection::on_ready(std::uint32_t epoll_events)
{
    const Socket::Ready ready = socket_.ready(epoll_events);
    if (ready.write)
        around_.owner.flush_later(*this);
    if (ready.read)
        read();
}

void Connection::on_timer()
{
    const Time now = around_.now();
    if (deadlines_.passed(Deadline::End, now)) {
        if (state_ == StreamState::Closing)
            return close();
        return end({Condition::ConnectionTimeout, "No login in time"});
    }
    if (deadlines_.passed(Deadline::Element, now)) {
        if (!host_full_)
            return end({Condition::ConnectionTimeout, "What was begun was not finished in time"});
        expect_rest(); // it is us who do not read
    }
    if (deadlines_.passed(Deadline::Features, now))
        conversation_.features_overdue();
    if (deadlines_.passed(Deadline::Progress, now)) {
        deadlines_.clear(Deadline::Progress);
        if (outgoing_.over_budget(socket_, options().limits) && !outgoing_.has_progressed(socket_.fd()))
            return lost("it has read nothing of what it is sent for a minute");
        expect_progress();
    }
    keep_alive();
    watch();
    arm();
}

// One timer for all of them, and for the heartbeat. Activity does not move it: when it fires too early, it is set
// again.
void Connection::arm()
{
    if (deadlines_.passed(Deadline::Throttle, around_.now()))
        deadlines_.clear(Deadline::Throttle);
    Time next = deadlines_.next();
    if (const auto heartbeat = options().heartbeat; state_ == StreamState::Open && heartbeat.count() > 0)
        next = std::min(next, outgoing_.last_write() + heartbeat);
    if (next == never)
        return cancel();
    if (!armed() || deadline() > next)
        around_.loop.timers().set(*this, next);
}

void Connection::set_deadline(Deadline which, Time at)
{
    deadlines_.set(which, at);
    arm();
}

bool Connection::reads() const
{
    if (state_ == StreamState::Closing)
        return true; // only to be able to close without a reset
    return !host_full_ && !answer_due_ && state_ != StreamState::WaitForTls &&
           (!deadlines_.has(Deadline::Throttle) || deadlines_.passed(Deadline::Throttle, around_.now()));
}

void Connection::watch()
{
    if (state_ != StreamState::Disconnected && !socket_.watch(around_.loop, *this, reads()))
        lost("out of epoll watches");
}

void Connection::resume_host()
{
    conversation_.resume();
    if (host_full_ && deadlines_.has(Deadline::Element))
        expect_rest();
    host_full_ = around_.host().full();
    watch();
}

Connection::Status Connection::status() const
{
    return {address(),
            conversation_.sto(),
            from_,
            conversation_.bound(),
            since_,
            incoming_.last_read(),
            incoming_.bytes(),
            outgoing_.bytes(),
            incoming_.stanzas(),
            outgoing_.stanzas(),
            outgoing_.size(),
            socket_.security()};
}

// Reading.

void Connection::read()
{
    if (state_ == StreamState::Disconnected)
        return;
    if (state_ != StreamState::Closing && around_.host().full()) {
        host_full_ = true;
        return watch();
    }
    if (state_ != StreamState::Closing && conversation_.waiting()) {
        answer_due_ = true;
        return watch();
    }
    if (incoming_.bytes() == 0 && socket_.tls() == nullptr && !recognise())
        return;
    const net::Moved moved = socket_.read(around_.read_buffer);
    switch (moved.outcome) {
    case net::Outcome::Progress: break;
    case net::Outcome::WantRead:
    case net::Outcome::WantWrite: return watch();
    case net::Outcome::CleanEnd: return lost("closed by the client");
    case net::Outcome::Truncated:
        return lost(socket_.in_handshake()
                        ? "gone during the TLS handshake, as clients are that do not trust the certificate"
                        : "reset by the client");
    case net::Outcome::Failed:
        return lost(socket_.tls() != nullptr ? "TLS failed: " + socket_.tls()->failure() : "socket error");
    }
    if (state_ == StreamState::Closing)
        return;
    incoming_.count_bytes(moved.bytes, around_.now());
    around_.counters.bytes_in.add(moved.bytes);
    if (conversation_.authenticated())
        incoming_.charge_bytes(options().limits, moved.bytes);
    feed({around_.read_buffer.data(), moved.bytes});
    throttle();
}

// By its first bytes, before any of them is taken. False: it is no client for this port.
bool Connection::recognise()
{
    switch (socket_.peek()) {
    case net::FirstBytes::Tls:
        if (around_.certificates == nullptr) {
            lost("TLS on a port for plain TCP");
            return false;
        }
        begin_tls(tls::Mode::Direct);
        return true;
    case net::FirstBytes::Http: lost("HTTP on a port for XMPP"); return false;
    case net::FirstBytes::Xml:
    case net::FirstBytes::Other: return true;
    }
    return true;
}

void Connection::begin_tls(tls::Mode mode)
{
    const auto &certificates = around_.certificates;
    socket_.begin_tls(certificates, certificate_name(socket_, conversation_.session(), *certificates), mode);
    conversation_.forget();
    incoming_.take_unread();
    restart();
}

void Connection::start_tls()
{
    state_ = StreamState::WaitForTls;
    incoming_.stop();
    flush();
}

void Connection::restart()
{
    state_ = StreamState::WaitForStream;
    incoming_.expect_header();
    deadlines_.clear(Deadline::Element);
}

// A question stops the parser in the middle of what was read. When it is answered the next parser goes on there, in the
// same stream or in the one that follows; but never inside TLS with what came outside of it.
void Connection::feed(std::string_view bytes)
{
    const auto *const tls = socket_.tls();
    const auto goes_on = [&] {
        return (state_ == StreamState::WaitForStream || state_ == StreamState::Open) && socket_.tls() == tls;
    };
    while (!bytes.empty() && goes_on() && !conversation_.waiting()) {
        // A line end behind the last element of one stream would stand before the XML declaration of the next.
        if (incoming_.header_due() && conversation_.session() != nullptr && !incoming_.unfinished())
            bytes.remove_prefix(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size()));
        if (!bytes.empty())
            bytes.remove_prefix(feed_once(bytes));
    }
    if (goes_on())
        incoming_.keep_unread(bytes);
}

// Returns how many bytes were taken.
std::size_t Connection::feed_once(std::string_view bytes)
{
    const Incoming::Fed fed = incoming_.feed(bytes, conversation_.rules(), around_.parsers, *this);
    if (fed.fault != xml::Fault::None)
        end(stream::error_of(fed.fault));
    else if (!over() && !conversation_.authenticated() && incoming_.bytes() > max_bytes_before_login)
        end({Condition::PolicyViolation, "Too much before login"});
    if (over())
        return bytes.size();
    if (!incoming_.unfinished())
        deadlines_.clear(Deadline::Element);
    else if (fed.began || !deadlines_.has(Deadline::Element))
        expect_rest();
    account();
    return fed.taken;
}

void Connection::on_stream_header(const xml::StreamHeader &header)
{
    incoming_.header_came(header.primer);
    state_ = StreamState::Open;
    conversation_.open(header);
}

void Connection::on_stanza(const xml::Stanza &stanza)
{
    incoming_.count_stanza();
    around_.counters.stanzas_in.add(1);
    if (conversation_.bound())
        incoming_.charge_stanza(options().limits, around_.now());
    conversation_.element(stanza);
}

// A deadline for the whole, not for the next byte: a client that sends one a minute would hold what it has sent for
// days.
void Connection::expect_rest()
{
    set_deadline(Deadline::Element, around_.now() + options().stanzatime);
}

void Connection::use(const xml::Rules &rules)
{
    if (incoming_.feeding())
        incoming_.use(rules);
}

void Connection::wait()
{
    if (incoming_.feeding())
        incoming_.stop();
}

void Connection::go_on()
{
    if (incoming_.feeding() || conversation_.waiting())
        return; // feed() sees for itself
    answer_due_ = false;
    feed(incoming_.take_unread());
    throttle();
}

// A client that sends too fast is read more slowly; one that sends while the session manager is full is not read at
// all.
void Connection::throttle()
{
    if (state_ != StreamState::Open)
        return;
    host_full_ = around_.host().full();
    if (conversation_.authenticated()) {
        deadlines_.clear(Deadline::Throttle);
        if (const Time ready = incoming_.ready_at(options().limits); ready > around_.now())
            set_deadline(Deadline::Throttle, ready);
    }
    watch();
}

// Writing.

void Connection::write_header(const xml::StreamHeader &header, std::string_view host, std::string_view id)
{
    outgoing_.header(around_.queues, header, host, id);
    queued();
}

void Connection::write(std::string_view element)
{
    outgoing_.element(around_.queues, element);
    queued();
}

void Connection::write(const jabberd_packet &stanza, std::string_view sfrom)
{
    outgoing_.stanza(around_.queues, stanza, sfrom);
    queued();
    if (!socket_.write_blocked() && outgoing_.size() > write_at_once)
        flush();
    if (socket_.write_blocked() && !outgoing_.empty())
        charge();
}

void Connection::queued()
{
    if (socket_.write_blocked())
        account();
    around_.owner.flush_later(*this);
}

void Connection::charge()
{
    const config::Limits &limits = options().limits;
    if (const char *reason = outgoing_.too_far_behind(limits, around_.shared.memory.load(std::memory_order_relaxed)))
        lost(reason);
    else
        expect_progress();
}

// Only of what stays: a stanza that comes whole and is written in the same turn is never counted.
void Connection::account()
{
    const std::size_t held = outgoing_.size() + incoming_.held_bytes();
    if (held == accounted_)
        return;
    std::atomic<std::size_t> &memory = around_.shared.memory;
    memory += held - accounted_; // modulo 2^64: also downwards
    accounted_ = held;
    if (incoming_.held_bytes() > 0 && state_ == StreamState::Open &&
        memory.load(std::memory_order_relaxed) > options().limits.memory)
        end({Condition::ResourceConstraint, "The server is busy"});
}

void Connection::expect_progress()
{
    if (!deadlines_.has(Deadline::Progress) && outgoing_.expect_progress(socket_, options().limits))
        set_deadline(Deadline::Progress, around_.now() + patience);
}

void Connection::keep_alive()
{
    const auto heartbeat = options().heartbeat;
    if (state_ != StreamState::Open || heartbeat.count() <= 0 || around_.now() - outgoing_.last_write() < heartbeat)
        return;
    outgoing_.touch(around_.now());
    if (!outgoing_.empty() || !conversation_.may_write_keepalive())
        return;
    outgoing_.keepalive(around_.queues);
    queued();
}

void Connection::flush()
{
    if (state_ == StreamState::Disconnected || socket_.write_blocked())
        return;
    switch (outgoing_.write(socket_, around_.queues, around_.counters, around_.now())) {
    case Outgoing::Written::Blocked:
        account();
        expect_progress();
        return watch();
    case Outgoing::Written::Lost: return lost("reset by the client");
    case Outgoing::Written::All: break;
    }
    account();
    if (state_ == StreamState::Closing)
        socket_.shutdown_write();
    else if (state_ == StreamState::WaitForTls)
        begin_tls(tls::Mode::StartTls);
    watch();
}

} // namespace jabberd::connection
