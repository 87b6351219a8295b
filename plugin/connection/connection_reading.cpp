// SPDX-License-Identifier: LGPL-2.1-or-later
// From the client to the session manager.
#include "connection/connection.h"

#include "base/random.h"
#include "base/view.h"
#include "connection/passing.h"
#include "connection/worker.h"
#include "net/first_bytes.h"
#include "stream/header.h"

#include <algorithm>

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

} // namespace jabberd::connection
