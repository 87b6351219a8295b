// SPDX-License-Identifier: LGPL-2.1-or-later
// From the session manager to the client.
#include "connection/connection.h"

#include "base/view.h"
#include "connection/worker.h"
#include "packet/notice.h"
#include "packet/stanza_rules.h"
#include "session/ending.h"
#include "xml/packet_text.h"

namespace jabberd::connection {

namespace {

using session::Meaning;
using stream::Condition;
using stream::StreamError;

// What a parser with an unfinished stanza holds besides the stanza (libxml2's context, measured).
constexpr std::size_t parser_bytes = 16384;

// More than this is not kept until the end of the turn: one who is sent a megabyte in one turn is not behind with
// reading, yet.
constexpr std::size_t write_at_once = 65536;

// Of how many times its queue a client may be behind that reads slowly, but does.
constexpr std::size_t budgets_of_a_slow_client = 4;

// A session manager does not talk to a session before the client knows of it; if one does, this is enough.
constexpr std::size_t max_early = 64;

} // namespace

void Connection::receive(const jabberd_packet &packet, bool canonical)
{
    const bool alive = state_ == State::Open || (state_ == State::Opening && session_ && session_->authenticated());
    if (!session_ || !alive)
        return worker_.plant().returns.undeliverable(packet);

    if (canonical && bound())
        return receive_readable(packet, packet, false);
    auto parser = worker_.parsers().borrow(xml::usual_primer);
    const xml::Stanza *stanza = parser->rewrite(packet, packet::stanza_rules(from_host));
    if (stanza == nullptr) {
        worker_.counters().malformed_packets.add(1);
        return worker_.plant().host.log(JABBERD_LOG_ERROR,
                                        "the session manager sent a packet that is not canonical XML, ignoring",
                                        {{"CONNECTION", session_->address()}, {"SFROM", text(packet.sfrom)}});
    }
    jabberd_packet readable = stanza->packet;
    readable.sfrom = packet.sfrom;
    receive_readable(packet, readable, packet::carries_510(*stanza));
    worker_.parsers().give_back(std::move(parser), xml::usual_primer);
}

// `readable` says the same as `packet` in our own spelling.
void Connection::receive_readable(const jabberd_packet &packet, const jabberd_packet &canonical, bool carries_510)
{
    jabberd_packet readable = canonical;
    readable.sto = {};
    std::string storage;
    const bool was_authenticated = session_->authenticated();
    const auto [meaning, next] = session_->receive(readable, carries_510, storage);
    switch (meaning) {
    case Meaning::OtherSession:
        worker_.plant().host.log(JABBERD_LOG_WARNING,
                                 "a packet of a session that this connection does not have is not given to " +
                                     from_.to_string() + ", and goes back",
                                 {{"CLIENT", from_.to_string()},
                                  {"CONNECTION", session_->address()},
                                  {"SESSION", session_->sto()},
                                  {"SFROM", text(packet.sfrom)}});
        worker_.plant().returns.undeliverable(packet);
        break;
    case Meaning::Disconnected: end_for(session::ending_of(packet, was_authenticated)); break;
    case Meaning::Impossible:
        end({Condition::InternalServerError, "The session manager has given an answer that makes no sense"});
        break;
    case Meaning::Pass: write_to_client(readable, text(packet.sfrom)); break;
    case Meaning::Refused:
        worker_.plant().host.log(JABBERD_LOG_INFO, "a question before login was refused to " + from_.to_string(),
                                 {{"CLIENT", from_.to_string()}, {"CONNECTION", session_->address()}});
        write_to_client(readable, text(packet.sfrom));
        break;
    case Meaning::Ignore:
        worker_.plant().host.log(JABBERD_LOG_WARNING,
                                 "the session manager sent what this client has not asked for, ignoring",
                                 {{"CONNECTION", session_->address()}, {"SFROM", text(packet.sfrom)}});
        break;
    case Meaning::TooEarly:
        if (early_.size() < max_early)
            return void(early_.emplace_back(packet));
        end({Condition::ResourceConstraint, "Too much for a client that has not bound a resource"});
        break;
    case Meaning::Features: write_features(); break;
    case Meaning::Authenticated: write_to_client(readable, text(packet.sfrom)); break;
    case Meaning::LoginFailed:
        write_to_client(readable, text(packet.sfrom));
        login_failed();
        break;
    case Meaning::LoggedIn:
        write_to_client(readable, text(packet.sfrom));
        logged_in();
        break;
    }
    if (state_ != State::Open)
        return;
    if (next == session::Next::Stream)
        restart_stream();
    else if (next == session::Next::Features)
        ask_features();
    read_on();
}

// The session manager knows.
void Connection::end_for(const session::Ending &ending)
{
    session_ended_ = true;
    end({ending.condition, ending.text});
}

void Connection::login_failed()
{
    worker_.counters().login_failures.add(1);
    worker_.plant().host.log(JABBERD_LOG_NOTICE, "login refused to " + from_.to_string(),
                             {{"CLIENT", from_.to_string()}, {"CONNECTION", session_->address()}});
    if (session_->failed_logins() >= worker_.options().attempts)
        return end({Condition::PolicyViolation, "Too many failed logins"});
    // The next mechanism of the same try may carry another guess: it costs what a new connection would.
    if (session_->failed_in_same_try() &&
        !worker_.plant().address_caps.spend(from_, worker_.options().limits.attempts, worker_.loop().now()))
        end({Condition::PolicyViolation, "Too many failed logins from this address"});
}

void Connection::logged_in()
{
    worker_.counters().logins.add(1);
    worker_.plant().host.log(JABBERD_LOG_INFO, std::string{session_->sto()} + " logged in from " + from_.to_string(),
                             {{"SESSION", session_->sto()},
                              {"CONNECTION", session_->address()},
                              {"CLIENT", from_.to_string()},
                              {"SECURITY", transport_->security()}});
    give_up_ = never;
    std::string{}.swap(stream_id_); // only a swap gives the memory back
    if (rules_ != nullptr)
        *rules_ = packet::stanza_rules(worker_.options().limits.stanza);
    arm();
    for (const OwnedPacket &packet : std::exchange(early_, {}))
        receive(packet.packet(), false);
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
    if (write_blocked_ && queue_)
        charge();
}

// Only a client that is behind with reading pays for what is not read. One large stanza, such as a roster, is no
// evidence that it does not read: at the ends of the queue it costs nothing, in between no more than the budget.
// Progress is evidence that it does. So there is room for what piles up, more of it while there is memory, as long as
// the client makes progress.
void Connection::charge()
{
    const config::Limits &limits = worker_.options().limits;
    const std::size_t memory = worker_.plant().memory.load(std::memory_order_relaxed);
    const std::size_t room = limits.queue * (memory > limits.memory / 2 ? std::size_t{1} : budgets_of_a_slow_client);
    if (queue_->between() > room && queue_->between(limits.queue) > room)
        lost("it does not read what it is sent");
    else if (memory > limits.memory)
        lost("all clients together left too much unread");
    else
        expect_progress();
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
    const std::size_t held =
        (queue_ ? queue_->size() : 0) + (parser_ ? parser_bytes + parser_->held_bytes() + unfinished_.size() : 0);
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
            write_wants_read_ = moved.outcome == net::Outcome::WantRead;
            account();
            expect_progress();
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
    else if (state_ == State::Proceeding)
        begin_tls(tls::Mode::StartTls);
    watch();
}

} // namespace jabberd::connection
