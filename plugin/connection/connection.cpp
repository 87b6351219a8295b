// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/connection.h"

#include "base/view.h"
#include "connection/opening.h"

#include <algorithm>
#include <new>
#include <utility>

namespace jabberd::connection {

namespace {

using stream::Condition;

// A login takes a few hundred bytes; a client that sends this many without one is not going to log in.
constexpr std::uint64_t max_bytes_before_login = 65536;

} // namespace

Connection::Connection(Surroundings &around, UniqueFd fd, const net::SocketAddress &from, bool direct)
    : around_(around)
    , from_(from)
    , socket_(std::move(fd))
    , incoming_(around.options->limits, around.now())
    , outgoing_(stream::one_document(), around.now())
    , conversation_(*this)
    , since_(around.now())
    , share_(around.shared.address_caps.share_of(from))
{
    if (options().authtime.count() > 0)
        deadlines_.set(Deadline::End, since_ + options().authtime);
    if (direct)
        begin_tls(tls::Mode::Direct);
}

Connection::~Connection()
{
    share_.memory.give_back(accounted_);
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
    within_memory([&] {
        const Socket::Ready ready = socket_.ready(epoll_events);
        if (ready.write)
            around_.owner.flush_later(*this);
        if (ready.read && !awaits_turn_)
            on_readable();
    });
}

void Connection::on_readable()
{
    if (!around_.turn.has_time(share_))
        return next_turn();
    const Turn::Slice slice{around_.turn, share_};
    read();
}

void Connection::receive(const jabberd_packet &packet, bool canonical)
{
    within_memory([&] { conversation_.receive(packet, canonical); });
}

void Connection::next_turn()
{
    if (std::exchange(awaits_turn_, true))
        return;
    around_.counters.postponed.add(1);
    around_.owner.next_turn(*this);
}

bool Connection::take_turn()
{
    if (!around_.turn.has_time(share_))
        return false;
    awaits_turn_ = false;
    within_memory([&] {
        const Turn::Slice slice{around_.turn, share_};
        flush();
        if (reads())
            read();
    });
    return true;
}

void Connection::on_timer()
{
    within_memory([&] { on_deadline(); });
}

void Connection::on_deadline()
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
    if (deadlines_.passed(Deadline::Acknowledgement, now))
        ask_acknowledgement();
    if (deadlines_.passed(Deadline::Progress, now)) {
        deadlines_.clear(Deadline::Progress);
        if (outgoing_.over_budget(socket_, options().limits) && !outgoing_.has_progressed(socket_.fd()))
            return cut("it has read nothing of what it is sent for a minute");
        expect_progress();
    }
    if (has_unread() && reads())
        next_turn(); // it was sent too fast, and its time has come
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
    return !host_full_ && !answer_due_ && state_ != StreamState::WaitForTls && !throttled();
}

bool Connection::throttled() const
{
    return deadlines_.has(Deadline::Throttle) && !deadlines_.passed(Deadline::Throttle, around_.now());
}

void Connection::watch()
{
    if (state_ != StreamState::Disconnected && !socket_.watch(around_.loop, *this, reads()))
        lost("out of epoll watches");
}

void Connection::resume_host()
{
    within_memory([&] {
        conversation_.resume();
        if (host_full_ && deadlines_.has(Deadline::Element))
            expect_rest();
        host_full_ = conversation_.host_is_full();
        if (has_unread())
            next_turn();
        watch();
    });
}

void Connection::read()
{
    read_once();
    while (socket_.has_unread() && reads() && !awaits_turn_ && state_ != StreamState::Disconnected)
        read_once();
}

void Connection::read_once()
{
    if (state_ == StreamState::Disconnected)
        return;
    if (state_ != StreamState::Closing && conversation_.host_is_full()) {
        host_full_ = true;
        return watch();
    }
    if (state_ != StreamState::Closing && waiting()) {
        answer_due_ = true;
        return watch();
    }
    if (state_ != StreamState::Closing && incoming_.has_unread())
        return go_on();
    if (incoming_.bytes() == 0 && (socket_.tls() == nullptr || socket_.in_handshake()) && !recognise())
        return;
    const net::Moved moved = socket_.read(around_.read_buffer, around_.records);
    switch (moved.outcome) {
    case net::Outcome::Progress: break;
    case net::Outcome::WantRead:
    case net::Outcome::WantWrite: return watch();
    case net::Outcome::CleanEnd:
        socket_.shutdown_write(); // a close_notify is answered by one (RFC 8446 §6.1)
        return cut("closed by the client");
    case net::Outcome::Truncated:
        return cut(socket_.in_handshake()
                       ? "gone during the TLS handshake, as clients are that do not trust the certificate"
                       : "reset by the client, or unreachable for too long");
    case net::Outcome::Failed:
        return cut(socket_.tls() != nullptr ? "TLS failed: " + socket_.tls()->failure() : "socket error");
    }
    if (state_ == StreamState::Closing)
        return;
    if (incoming_.bytes() == 0 && moved.bytes > 0 && begins_http(around_.read_buffer.front()))
        begin_http();
    incoming_.count_bytes(moved.bytes, around_.now());
    around_.counters.bytes_in.add(moved.bytes);
    if (conversation_.authenticated())
        incoming_.charge_bytes(options().limits, moved.bytes, around_.now());
    feed({around_.read_buffer.data(), moved.bytes});
    throttle();
}

// By its first bytes, before any of them is taken. False: it is no client for this port. Where TLS is due already its
// handshake says what is wrong, but for a proxy's header.
bool Connection::recognise()
{
    const net::FirstBytes first = socket_.peek();
    has_proxy_header_ = first == net::FirstBytes::Proxy;
    if (socket_.tls() != nullptr)
        return true;
    switch (first) {
    case net::FirstBytes::Tls:
        if (around_.certificates == nullptr) {
            lost("TLS on a port for plain TCP");
            return false;
        }
        begin_tls(tls::Mode::Direct);
        return true;
    case net::FirstBytes::Http:
        if (!options().websocket)
            lost("HTTP on a port for XMPP");
        return options().websocket.has_value();
    case net::FirstBytes::Xml:
    case net::FirstBytes::Proxy:
    case net::FirstBytes::Other: return true;
    }
    return true;
}

void Connection::begin_tls(tls::Mode mode)
{
    const auto &certificates = around_.certificates;
    socket_.begin_tls(certificates, certificate_name(socket_, conversation_.session(), *certificates), mode,
                      options().websocket.has_value());
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

void Connection::feed(std::span<char> bytes)
{
    if (messages_ != nullptr)
        feed_messages(bytes);
    else
        feed_document({bytes.data(), bytes.size()});
}

// A question stops the parser in the middle of what was read, and so does the end of the client's part of the turn.
// When it is answered, or the next turn comes, the next parser goes on there, in the same stream or in the one that
// follows; but never inside TLS with what came outside of it.
void Connection::feed_document(std::string_view bytes)
{
    const auto *const tls = socket_.tls();
    const auto goes_on = [&] {
        return (state_ == StreamState::WaitForStream || state_ == StreamState::Open) && socket_.tls() == tls;
    };
    while (!bytes.empty() && goes_on() && !waiting() && !awaits_turn_ && !throttled()) {
        // A line end behind the last element of one stream would stand before the XML declaration of the next.
        if (incoming_.header_due() && conversation_.session() != nullptr && !incoming_.unfinished())
            bytes.remove_prefix(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size()));
        if (!bytes.empty())
            bytes.remove_prefix(feed_once(bytes));
    }
    if (!goes_on() || bytes.empty())
        return;
    incoming_.keep_unread(bytes);
    account();
}

// Returns how many bytes were taken.
std::size_t Connection::feed_once(std::string_view bytes)
{
    const Incoming::Fed fed = incoming_.feed(bytes, conversation_.rules(), around_.parsers, *this);
    if (fed.fault != xml::Fault::None)
        end(stream::error_of(fed.fault));
    else if (!over() && is_too_much_before_login())
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

bool Connection::is_too_much_before_login() const
{
    return !conversation_.authenticated() && incoming_.bytes() > max_bytes_before_login;
}

void Connection::on_stream_header(const xml::StreamHeader &header)
{
    incoming_.header_came(header.primer);
    state_ = StreamState::Open;
    conversation_.open(header);
}

void Connection::on_stanza(const xml::Stanza &stanza)
{
    if (messages_ != nullptr && take_framing(stanza))
        return;
    if (conversation_.bound()) {
        incoming_.charge_stanza(options().limits, around_.now());
        if (stanza.growth != 0)
            incoming_.charge_bytes(options().limits, stanza.growth, around_.now());
    }
    if (!present(stanza.packet.xmlns) || (!take_management(stanza) && !take_client_state(stanza))) {
        incoming_.count_stanza();
        around_.counters.stanzas_in.add(1);
        conversation_.element(stanza);
    }
    pause();
}

// Between two stanzas of what was read at once: whether this client goes on, or the others do.
void Connection::pause()
{
    if (!incoming_.feeding() || !incoming_.has_more() || state_ != StreamState::Open)
        return;
    throttle();
    if (!throttled() && !awaits_turn_ && !around_.turn.is_over())
        return;
    incoming_.stop();
    if (!throttled())
        next_turn();
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
    if (incoming_.feeding() || waiting())
        return; // feed() sees for itself
    if (!std::exchange(answer_due_, false) && !has_unread())
        return; // nothing has waited
    if (awaits_turn_ || throttled())
        return watch();
    std::string unread = incoming_.take_unread();
    feed(unread);
    throttle();
    if (socket_.has_unread() && reads())
        next_turn();
}

// A client that sends too fast is read more slowly; one that sends while the session manager is full is not read at
// all.
void Connection::throttle()
{
    if (state_ != StreamState::Open)
        return;
    host_full_ = conversation_.host_is_full();
    if (conversation_.authenticated()) {
        deadlines_.clear(Deadline::Throttle);
        if (const Time ready = incoming_.ready_at(options().limits); ready > around_.now()) {
            around_.counters.throttled.add(1);
            if (const auto count = share_.slowed.happened(around_.now()))
                log_slowed(count);
            set_deadline(Deadline::Throttle, ready);
        }
    }
    watch();
}

} // namespace jabberd::connection
