// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/connection.h"

#include "base/random.h"
#include "base/view.h"
#include "connection/passing.h"
#include "connection/worker.h"
#include "net/first_bytes.h"
#include "session/notice.h"
#include "stream/header.h"
#include "xml/packet_text.h"

#include <sys/epoll.h>

#include <algorithm>
#include <climits>

namespace jabberd::connection {

namespace {

using session::Meaning;
using stream::Condition;
using stream::StreamError;

// How long a client may take to read our last words and close. Closing at once would send a reset, which takes the
// words with it.
constexpr Duration linger = std::chrono::seconds{3};

// A login takes a few hundred bytes; whoever sends this many without one is not going to.
constexpr std::uint64_t max_bytes_before_login = 65536;

// What a parser with an unfinished stanza holds besides the stanza (libxml2's context, measured).
constexpr std::size_t parser_bytes = 16384;

// More than this is not kept until the end of the turn: one who is sent a megabyte in one turn is not behind with
// reading, yet.
constexpr std::size_t write_at_once = 65536;

// A session manager is not a client: it may send all it likes, but what it sends must be XML.
constexpr xml::Limits from_host{
    .bytes = INT_MAX, .elements = UINT_MAX, .attributes = 10000, .depth = 256, .name_bytes = 10000};

StreamError error_of_510(const jabberd_packet &notice, bool authenticated)
{
    if (text(notice.body).find(session::configuration_error) != std::string_view::npos) {
        return authenticated ? StreamError{Condition::RemoteConnectionFailed, "The session manager is gone"}
                             : StreamError{Condition::HostUnknown, "Nobody of that name is served here"};
    }
    if (text(notice.body).find(session::delivery_error) != std::string_view::npos)
        return {Condition::RemoteConnectionFailed, "The session manager cannot be reached"};
    return {Condition::Conflict, "Disconnected"};
}

} // namespace

Connection::Connection(Worker &worker, std::unique_ptr<net::Transport> transport, const net::SocketAddress &from)
    : worker_(worker)
    , transport_(std::move(transport))
    , from_(from)
    , since_(worker.loop().now())
    , last_read_(since_)
    , last_write_(since_)
    , give_up_(since_ + worker.options().authtime)
    , read_again_(since_)
    , byte_rate_(worker.options().limits.bytes, since_)
    , stanza_rate_(worker.options().limits.stanzas, since_)
{
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

// ---- reading

void Connection::on_ready(std::uint32_t epoll_events)
{
    if ((epoll_events & EPOLLOUT) != 0) {
        write_blocked_ = false;
        worker_.flush_later(*this);
    }
    // EPOLLERR and EPOLLHUP come unasked, also while we do not want to read: the read tells what happened.
    if ((epoll_events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0)
        read();
}

void Connection::read()
{
    if (state_ == State::Closed)
        return;
    if (state_ != State::Ending && worker_.plant().host.full()) {
        waiting_for_host_ = true;
        return watch();
    }
    const std::span<char> buffer = worker_.read_buffer();
    const net::Moved moved = transport_->read(buffer);
    switch (moved.outcome) {
    case net::Outcome::Progress: break;
    case net::Outcome::WantRead:
    case net::Outcome::WantWrite: return;
    case net::Outcome::CleanEnd: return lost("closed by the client");
    case net::Outcome::Truncated: return lost("reset by the client");
    case net::Outcome::Failed: return lost("socket error");
    }
    if (state_ == State::Ending)
        return; // read only to be able to close without a reset
    last_read_ = worker_.loop().now();
    bytes_in_ += moved.bytes;
    worker_.counters().bytes_in.add(moved.bytes);
    const std::string_view bytes{buffer.data(), moved.bytes};
    if (bytes_in_ == moved.bytes && !recognised(bytes))
        return;
    if (authenticated())
        byte_rate_.take(worker_.options().limits.bytes, static_cast<std::uint32_t>(bytes.size()), last_read_);
    feed(bytes);
    throttle();
}

bool Connection::recognised(std::string_view first_bytes)
{
    switch (net::recognise(first_bytes)) {
    case net::FirstBytes::Tls: lost("TLS on a port for plain TCP"); return false;
    case net::FirstBytes::Http: lost("HTTP on a port for XMPP"); return false;
    case net::FirstBytes::Xml:
    case net::FirstBytes::Other: return true;
    }
    return true;
}

void Connection::feed(std::string_view bytes)
{
    std::unique_ptr<xml::Parser> parser = std::move(parser_);
    const std::string_view primer = primer_.empty() ? xml::usual_primer : std::string_view{primer_};
    if (!parser)
        parser = state_ == State::Opening ? std::make_unique<xml::Parser>() : worker_.parsers().borrow(primer);

    const config::Limits &limits = worker_.options().limits;
    xml::Rules rules{.limits = before_login() ? limits.stanza_before_login : limits.stanza,
                     .digest_sid = before_login() ? std::string_view{stream_id_} : std::string_view{}};
    feeding_ = parser.get();
    rules_ = &rules;
    const xml::Fault fault = parser->feed(bytes, rules, *this);
    feeding_ = nullptr;
    rules_ = nullptr;

    if (fault != xml::Fault::None)
        return end(stream::error_of(fault));
    if (state_ == State::Ending || state_ == State::Closed)
        return;
    if (before_login() && bytes_in_ > max_bytes_before_login)
        return end({Condition::PolicyViolation, "Too much before login"});
    if (parser->at_boundary())
        worker_.parsers().give_back(std::move(parser), primer_.empty() ? xml::usual_primer : std::string_view{primer_});
    else
        parser_ = std::move(parser);
    account();
}

// Whoever sends too fast is read more slowly; whoever sends while the session manager is full is not read at all.
void Connection::throttle()
{
    if (state_ != State::Open)
        return;
    waiting_for_host_ = worker_.plant().host.full();
    if (authenticated()) {
        const config::Limits &limits = worker_.options().limits;
        read_again_ = std::max(byte_rate_.ready_at(limits.bytes), stanza_rate_.ready_at(limits.stanzas));
        if (read_again_ > worker_.loop().now())
            arm();
    }
    watch();
}

void Connection::on_stream_header(const xml::StreamHeader &header)
{
    stream_id_ = random_id();
    if (!xml::is_usual_primer(header.primer))
        primer_ = header.primer;
    const auto refused = stream::refusal(header);
    std::string answer;
    stream::append_answer(answer, header, refused ? std::string_view{} : text(header.to), stream_id_);
    queue().append(answer);
    queued();
    state_ = State::Open;
    if (refused)
        return end(*refused);
    session_.emplace(std::move(address_), std::string{text(header.to)});
    rules_->digest_sid = stream_id_;
}

void Connection::on_stanza(const xml::Stanza &stanza)
{
    ++stanzas_in_;
    worker_.counters().stanzas_in.add(1);
    auto admitted = session_->admit(stanza);
    if (const auto *error = std::get_if<StreamError>(&admitted))
        return end(*error);
    if (authenticated())
        stanza_rate_.take(worker_.options().limits.stanzas, 1, worker_.loop().now());
    const jabberd_packet &packet = std::get<session::Outbound>(admitted).packet();
    if (worker_.plant().host.full() || !held_.empty())
        return void(held_.emplace_back(packet));
    const Passing passing{stanza};
    worker_.plant().host.deliver(packet);
}

// What was read together with the stanza that filled the session manager's side: it waits here, in order.
void Connection::deliver_held(bool also_when_full)
{
    while (!held_.empty() && (also_when_full || !worker_.plant().host.full())) {
        // Taken out before the call: it may come back to us, end the connection, and with it deliver the rest.
        const OwnedPacket packet = std::move(held_.front());
        held_.erase(held_.begin());
        worker_.plant().host.deliver(packet.packet());
    }
    if (held_.empty())
        std::vector<OwnedPacket>{}.swap(held_);
}

void Connection::on_stream_end()
{
    begin_ending("stream closed by the client");
}

// ---- writing

void Connection::receive(const jabberd_packet &packet, bool canonical)
{
    if (!session_ || state_ != State::Open)
        return worker_.plant().host.return_packet(packet, session::disconnected);

    if (canonical && authenticated())
        return receive_readable(packet, packet, false);
    auto parser = worker_.parsers().borrow(xml::usual_primer);
    const xml::Stanza *stanza = parser->rewrite(packet, from_host);
    if (stanza == nullptr) {
        worker_.counters().malformed_packets.add(1);
        return worker_.plant().host.log(JABBERD_LOG_ERROR,
                                        "the session manager sent a packet that is not canonical XML, ignoring",
                                        {{"CONNECTION", session_->address()}, {"SFROM", text(packet.sfrom)}});
    }
    jabberd_packet readable = stanza->packet;
    readable.sfrom = packet.sfrom;
    receive_readable(packet, readable, stanza->carries_510);
    worker_.parsers().give_back(std::move(parser), xml::usual_primer);
}

// `readable` says the same as `packet` in our own spelling.
void Connection::receive_readable(const jabberd_packet &packet, const jabberd_packet &canonical, bool carries_510)
{
    jabberd_packet readable = canonical;
    readable.sto = {};
    std::string id_storage;
    const bool was_authenticated = authenticated();
    switch (session_->receive(readable, carries_510, id_storage)) {
    case Meaning::NotOwner: worker_.plant().host.return_packet(packet, session::disconnected); break;
    case Meaning::Disconnected:
        session_ended_ = true;
        end(error_of_510(packet, was_authenticated));
        break;
    case Meaning::Impossible:
        end({Condition::InternalServerError, "The session manager accepted a login without naming the session"});
        break;
    case Meaning::Pass: write_to_client(readable, text(packet.sfrom)); break;
    case Meaning::LoginFailed:
        worker_.counters().login_failures.add(1);
        write_to_client(readable, text(packet.sfrom));
        worker_.plant().host.log(JABBERD_LOG_NOTICE, "login refused to " + from_.to_string(),
                                 {{"CLIENT", from_.to_string()}, {"CONNECTION", session_->address()}});
        if (session_->failed_logins() >= worker_.options().attempts)
            end({Condition::PolicyViolation, "Too many failed logins"});
        break;
    case Meaning::LoggedIn:
        worker_.counters().logins.add(1);
        worker_.plant().host.log(
            JABBERD_LOG_INFO, std::string{session_->sto()} + " logged in from " + from_.to_string(),
            {{"SESSION", session_->sto()}, {"CONNECTION", session_->address()}, {"CLIENT", from_.to_string()}});
        give_up_ = never;
        std::string{}.swap(stream_id_); // only a swap gives the memory back
        if (rules_ != nullptr)
            *rules_ = xml::Rules{.limits = worker_.options().limits.stanza};
        arm();
        write_to_client(readable, text(packet.sfrom));
        break;
    }
}

net::OutQueue &Connection::queue()
{
    if (!queue_)
        queue_ = worker_.borrow_queue();
    return *queue_;
}

void Connection::write_to_client(const jabberd_packet &packet, std::string_view sfrom)
{
    xml::append_packet(queue().begin_stanza(), packet);
    queue().end_stanza(sfrom);
    queued();
    if (!write_blocked_ && queue_->size() > write_at_once)
        flush();
    if (!write_blocked_ || !queue_)
        return;
    // Only who is behind with reading pays for what is not read.
    const config::Limits &limits = worker_.options().limits;
    if (queue_->size() > limits.queue)
        lost("it does not read what it is sent");
    else if (worker_.plant().memory.load(std::memory_order_relaxed) > limits.memory)
        lost("all clients together left too much unread");
}

void Connection::queued()
{
    if (write_blocked_)
        account();
    worker_.flush_later(*this);
}

// Only of what stays: a stanza that comes whole and is written in the same turn is never counted.
void Connection::account()
{
    const std::size_t held = (queue_ ? queue_->size() : 0) + (parser_ ? parser_bytes + parser_->held_bytes() : 0);
    if (held == accounted_)
        return;
    worker_.plant().memory += held - accounted_; // modulo 2^64: also downwards
    accounted_ = held;
    if (parser_ && state_ == State::Open &&
        worker_.plant().memory.load(std::memory_order_relaxed) > worker_.options().limits.memory)
        end({Condition::ResourceConstraint, "The server is busy"});
}

void Connection::flush()
{
    if (state_ == State::Closed || write_blocked_)
        return;
    while (queue_ && !queue_->empty()) {
        const net::Moved moved = transport_->write(queue_->unwritten());
        if (moved.outcome == net::Outcome::WantWrite || moved.outcome == net::Outcome::WantRead) {
            write_blocked_ = true;
            account();
            return watch();
        }
        if (moved.outcome != net::Outcome::Progress)
            return lost("reset by the client");
        const std::size_t whole = queue_->wrote(moved.bytes);
        stanzas_out_ += whole;
        bytes_out_ += moved.bytes;
        worker_.counters().stanzas_out.add(whole);
        worker_.counters().bytes_out.add(moved.bytes);
        last_write_ = worker_.loop().now();
    }
    if (queue_)
        worker_.give_back(std::move(queue_));
    account();
    if (state_ == State::Ending)
        transport_->shutdown_write();
    watch();
}

// ---- ending

void Connection::end(const StreamError &error)
{
    if (state_ == State::Ending || state_ == State::Closed)
        return;
    std::string last_words;
    if (state_ == State::Opening)
        stream::append_answer(last_words, {}, {}, random_id());
    stream::append_stream_error(last_words, error);
    queue().append(last_words);
    begin_ending(std::string{stream::name(error.condition)}.append(": ").append(error.text));
}

void Connection::begin_ending(std::string_view reason)
{
    if (state_ == State::Ending || state_ == State::Closed)
        return;
    state_ = State::Ending;
    if (feeding_ != nullptr)
        feeding_->stop();
    parser_.reset();
    queue().append(stream::closing_tag);
    queued();
    give_up_ = worker_.loop().now() + linger;
    arm();
    log_end(reason);
    tell_session_manager();
}

void Connection::lost(std::string_view reason)
{
    if (state_ == State::Closed)
        return;
    if (state_ != State::Ending)
        log_end(reason);
    close();
}

void Connection::close()
{
    state_ = State::Closed;
    if (feeding_ != nullptr)
        feeding_->stop();
    if (watched_events_ != 0)
        worker_.loop().unwatch(watch_, transport_->fd());
    cancel();
    tell_session_manager();
    return_unwritten();
    parser_.reset();
    queue_.reset();
    account();
    worker_.retire(*this);
}

void Connection::tell_session_manager()
{
    if (session_ended_)
        held_.clear(); // nobody is left to take it
    if (session_ended_ || !authenticated())
        return;
    session_ended_ = true; // before the calls: they may come back to us
    deliver_held(true);    // the client sent these before it went
    worker_.plant().host.deliver(session::disconnected_notice(session_->sto(), session_->address()));
}

// The session manager redelivers what comes back, or stores it: this is how nothing is lost.
void Connection::return_unwritten()
{
    if (!authenticated() || !queue_)
        return;
    const std::unique_ptr<net::OutQueue> queue = std::move(queue_);
    class Return final : public xml::Events {
    public:
        Return(Worker &worker, std::string_view address) : worker_(worker), address_(address) {}
        std::string_view sfrom;

    private:
        void on_stream_header(const xml::StreamHeader &) override {}
        void on_stream_end() override {}
        void on_stanza(const xml::Stanza &stanza) override
        {
            worker_.counters().returned.add(1);
            jabberd_packet packet = stanza.packet;
            packet.sto = view(address_);
            packet.sfrom = view(sfrom);
            worker_.plant().host.return_packet(packet, session::disconnected);
        }
        Worker &worker_;
        std::string_view address_;
    } events{worker_, session_->address()};

    auto parser = worker_.parsers().borrow(xml::usual_primer);
    queue->take_back([&](std::string_view stanza, std::string_view sfrom) {
        events.sfrom = sfrom;
        parser->feed(stanza, xml::Rules{.limits = from_host}, events); // our own canonical bytes: they parse
    });
    worker_.parsers().give_back(std::move(parser), xml::usual_primer);
}

void Connection::log_end(std::string_view reason)
{
    const std::string client = from_.to_string();
    const std::string who = authenticated() ? std::string{session_->sto()} + " (" + client + ")" : client;
    const std::string age =
        std::to_string(std::chrono::duration_cast<std::chrono::seconds>(worker_.loop().now() - since_).count());
    worker_.plant().host.log(JABBERD_LOG_INFO,
                             who + (authenticated() ? " disconnected: " : " disconnected before login: ") +
                                 std::string{reason},
                             {{"SESSION", session_ ? session_->sto() : std::string_view{}},
                              {"CONNECTION", session_ ? session_->address() : std::string_view{address_}},
                              {"CLIENT", client},
                              {"REASON", reason},
                              {"BYTES_IN", std::to_string(bytes_in_)},
                              {"BYTES_OUT", std::to_string(bytes_out_)},
                              {"STANZAS_IN", std::to_string(stanzas_in_)},
                              {"STANZAS_OUT", std::to_string(stanzas_out_)},
                              {"SECONDS", age}});
}

// ---- time and readiness

void Connection::on_timer()
{
    const Time now = worker_.loop().now();
    if (now >= give_up_) {
        if (state_ == State::Ending)
            return close();
        return end({Condition::ConnectionTimeout, "No login in time"});
    }
    const auto heartbeat = worker_.options().heartbeat;
    if (state_ == State::Open && heartbeat.count() > 0 && now - last_write_ >= heartbeat) {
        last_write_ = now;
        if (!queue_) {
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
    Time next = give_up_;
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
    const bool reading = state_ == State::Ending || (!waiting_for_host_ && read_again_ <= worker_.loop().now());
    const std::uint32_t wanted = (reading ? EPOLLIN : 0u) | (write_blocked_ ? EPOLLOUT : 0u);
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
    waiting_for_host_ = worker_.plant().host.full();
    watch();
}

Connection::Status Connection::status() const
{
    return {session_ ? session_->address() : std::string_view{address_},
            session_ ? session_->sto() : std::string_view{},
            from_,
            authenticated(),
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
