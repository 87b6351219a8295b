// SPDX-License-Identifier: LGPL-2.1-or-later
// From the client to the session manager.
#include "connection/connection.h"

#include "base/view.h"
#include "connection/passing.h"
#include "connection/worker.h"
#include "net/first_bytes.h"
#include "packet/stanza_rules.h"
#include "session/renamed.h"
#include "stream/namespaces.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

namespace jabberd::connection {

namespace {

using stream::Condition;
using stream::StreamError;

// A login takes a few hundred bytes; whoever sends this many without one is not going to.
constexpr std::uint64_t max_bytes_before_login = 65536;

} // namespace

void Connection::read()
{
    if (state_ == State::Closed)
        return;
    if (state_ != State::Ending && worker_.plant().host.full()) {
        waiting_for_host_ = true;
        return watch();
    }
    if (session_ && session_->waiting() && state_ != State::Ending) {
        paused_ = true;
        return watch();
    }
    if (bytes_in_ == 0 && !secure() && !recognised())
        return;
    const std::span<char> buffer = worker_.read_buffer();
    const net::Moved moved = transport_->read(buffer);
    read_wants_write_ = moved.outcome == net::Outcome::WantWrite;
    switch (moved.outcome) {
    case net::Outcome::Progress: break;
    case net::Outcome::WantRead:
    case net::Outcome::WantWrite: return watch();
    case net::Outcome::CleanEnd: return lost("closed by the client");
    case net::Outcome::Truncated:
        return lost(secure() && !tls_->handshake_done()
                        ? "gone during the TLS handshake, as clients are that do not trust the certificate"
                        : "reset by the client");
    case net::Outcome::Failed: return lost(secure() ? "TLS failed: " + tls_->failure() : "socket error");
    }
    if (state_ == State::Ending)
        return; // read only to be able to close without a reset
    last_read_ = worker_.loop().now();
    bytes_in_ += moved.bytes;
    worker_.counters().bytes_in.add(moved.bytes);
    if (authenticated())
        byte_rate_.take(worker_.options().limits.bytes, static_cast<std::uint32_t>(moved.bytes), last_read_);
    feed({buffer.data(), moved.bytes});
    throttle();
}

// The first bytes tell TLS from XML, before any of them is taken.
bool Connection::recognised()
{
    std::array<char, 8> first;
    const ssize_t size = ::recv(transport_->fd(), first.data(), first.size(), MSG_PEEK);
    if (size <= 0)
        return true; // the read will tell what this is
    switch (net::recognise({first.data(), static_cast<std::size_t>(size)})) {
    case net::FirstBytes::Tls:
        if (worker_.certificates() == nullptr) {
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

// A question stops the parser in the middle of what was read. When it is answered the next parser goes on there, in the
// same stream or in the one that follows; but never inside TLS with what came outside of it.
void Connection::feed(std::string_view bytes)
{
    const net::Transport *transport = transport_.get();
    const auto goes_on = [&] {
        return (state_ == State::Opening || state_ == State::Open) && transport_.get() == transport;
    };
    while (!bytes.empty() && goes_on() && !(session_ && session_->waiting())) {
        // A line end behind the last element of one stream would stand before the XML declaration of the next.
        if (state_ == State::Opening && session_ && !parser_)
            bytes.remove_prefix(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size()));
        if (!bytes.empty())
            bytes.remove_prefix(feed_once(bytes));
    }
    if (goes_on())
        unread_ = bytes;
}

// As they are announced. Who is known has those of a session: the stream that begins then ends up as one.
const xml::Limits &Connection::stanza_limits() const
{
    const config::Limits &limits = worker_.options().limits;
    return authenticated() ? limits.stanza : limits.stanza_before_login;
}

// Returns how many bytes were taken.
std::size_t Connection::feed_once(std::string_view bytes)
{
    std::unique_ptr<xml::Parser> parser = std::move(parser_);
    const auto primer = [this] { return primer_.empty() ? xml::usual_primer : std::string_view{primer_}; };
    if (!parser)
        parser = state_ == State::Opening ? std::make_unique<xml::Parser>() : worker_.parsers().borrow(primer());

    xml::Rules rules = packet::stanza_rules(stanza_limits(), bound() ? std::string_view{} : stream_id_);
    feeding_ = parser.get();
    rules_ = &rules;
    const xml::Fault fault = parser->feed(bytes, rules, *this);
    feeding_ = nullptr;
    rules_ = nullptr;

    if (fault != xml::Fault::None) {
        end(stream::error_of(fault));
        return bytes.size();
    }
    if (state_ == State::Ending || state_ == State::Closed)
        return bytes.size();
    if (!authenticated() && bytes_in_ > max_bytes_before_login) {
        end({Condition::PolicyViolation, "Too much before login"});
        return bytes.size();
    }
    if (parser->stopped()) {
        std::string{}.swap(unfinished_);
        finish_by_ = never;
        return parser->taken();
    }
    if (parser->at_boundary()) {
        worker_.parsers().give_back(std::move(parser), primer());
        std::string{}.swap(unfinished_);
        finish_by_ = never;
    } else {
        unfinished_ += bytes;
        unfinished_.erase(0, unfinished_.size() - parser->unfinished_bytes());
        if (finish_by_ == never || parser->unfinished_bytes() <= bytes.size())
            expect_rest(); // it has begun just now
        parser_ = std::move(parser);
    }
    account();
    return bytes.size();
}

// A deadline for the whole, not for the next byte: who sends one a minute would hold what it has sent for days.
void Connection::expect_rest()
{
    finish_by_ = worker_.loop().now() + worker_.options().stanzatime;
    arm();
}

// The answer that was waited for has come.
void Connection::read_on()
{
    if (feeding_ != nullptr || (session_ && session_->waiting()))
        return; // feed() sees for itself
    paused_ = false;
    feed(std::exchange(unread_, {}));
    throttle();
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

void Connection::on_stanza(const xml::Stanza &stanza)
{
    ++stanzas_in_;
    worker_.counters().stanzas_in.add(1);
    if (text(stanza.packet.xmlns) == stream::ns::tls && text(stanza.packet.name) == "starttls")
        return proceed_to_tls();
    if (!may_log_in())
        return end({Condition::PolicyViolation, "Use TLS first (STARTTLS)"});
    if (session_->alias().empty())
        return admit(stanza);
    const session::Renamed renamed{stanza, session_->alias(), session_->host()};
    admit(renamed.stanza());
}

void Connection::admit(const xml::Stanza &stanza)
{
    auto admitted = session_->admit(stanza);
    if (const auto *error = std::get_if<StreamError>(&admitted))
        return end(*error);
    if (const auto *answer = std::get_if<session::Answer>(&admitted)) {
        queue().append(answer->xml);
        queued();
        if (answer->logged_in)
            logged_in();
        else if (answer->failed)
            login_failed();
        return;
    }
    if (bound())
        stanza_rate_.take(worker_.options().limits.stanzas, 1, worker_.loop().now());
    const Passing::Scope passing{worker_.passing(), stanza};
    deliver(std::move(std::get<session::Outbound>(admitted)));
}

void Connection::deliver(session::Outbound outbound)
{
    if (session_->waiting() && feeding_ != nullptr)
        feeding_->stop();
    if (worker_.plant().host.full() || !held_.empty())
        return void(held_.emplace_back(outbound.packet()));
    worker_.plant().host.deliver(outbound.packet());
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

} // namespace jabberd::connection
