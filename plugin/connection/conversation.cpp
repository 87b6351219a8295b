// SPDX-License-Identifier: LGPL-2.1-or-later
// Once a stream is open: from the client to the session manager, and back.
#include "connection/conversation.h"

#include "base/address.h"
#include "base/packet_fields.h"
#include "base/view.h"
#include "connection/snapshot_values.h"
#include "packet/stanza_rules.h"
#include "session/ending.h"
#include "session/refusal.h"
#include "session/renamed.h"
#include "stream/namespaces.h"
#include "xml/packet_text.h"

#include <jabberd/session.h>

#include <climits>
#include <utility>

namespace jabberd::connection {

namespace {

using session::Meaning;
using stream::Condition;
using stream::StreamError;
using stream::StreamState;

// A session manager is not a client: it may send all it likes, but what it sends must be XML.
constexpr xml::Limits from_host{
    .bytes = INT_MAX, .elements = UINT_MAX, .attributes = 10000, .depth = 256, .name_bytes = 10000};

// Before a login it answers questions: the longest answer is a form with a picture in it (XEP-0158). Reading what is
// longer takes the time of all clients of the loop, and hundreds may log in at once.
constexpr std::size_t max_before_login = 262144;

std::size_t bytes_of(const jabberd_packet &packet)
{
    std::size_t bytes = packet.name.size + packet.body.size;
    for (const PacketField &field : packet_fields)
        bytes += (packet.*field.field).size;
    for (std::size_t i = 0; i < packet.attribute_count; ++i)
        bytes += packet.attributes[i].name.size + packet.attributes[i].value.size;
    return bytes;
}

// A session manager does not talk to a session before the client knows of it; if one does, this is enough.
constexpr std::size_t max_early = 64;

} // namespace

bool Conversation::offers_management() const
{
    return options().stream_management.offered && session_ && !session_->relays(stream::ns::management);
}

bool Conversation::manages_stream() const
{
    return offers_management() && session_->knows_user();
}

bool Conversation::has_client_state() const
{
    return bound() && !session_->relays(stream::ns::client_state);
}

// A client that is known has the limits of a session: the stream that begins then ends up as one.
xml::Rules Conversation::rules() const
{
    const config::Limits &limits = options().limits;
    return packet::stanza_rules(authenticated() ? limits.stanza : limits.stanza_before_login,
                                bound() ? std::string_view{} : std::string_view{stream_id_});
}

void Conversation::element(const xml::Stanza &stanza)
{
    if (text(stanza.packet.xmlns) == stream::ns::tls && text(stanza.packet.name) == "starttls")
        return start_tls();
    if (!may_log_in())
        return client_.end({Condition::PolicyViolation,
                            client_.over_websocket() ? "Use TLS: wss, not ws" : "Use TLS first (STARTTLS)"});
    if (session_->alias().empty())
        return admit_inline(stanza);
    const session::Renamed renamed{stanza, session_->alias(), session_->host()};
    admit_inline(renamed.stanza());
}

void Conversation::admit(const xml::Stanza &stanza)
{
    auto admitted = session_->admit(stanza);
    if (const auto *error = std::get_if<StreamError>(&admitted))
        return client_.end(*error);
    if (const auto *answer = std::get_if<session::Answer>(&admitted)) {
        client_.write(answer->xml);
        if (answer->logged_in)
            logged_in();
        else if (!answer->refusal.empty()) {
            count_login(session_->mechanism(), &LoginTally::refused);
            login_failed(session_->mechanism(), answer->refusal);
        }
        return;
    }
    const Passing::Scope passing{around().passing, stanza};
    deliver(std::get<session::Outbound>(admitted));
}

void Conversation::deliver(session::Outbound &outbound)
{
    if (session_->waiting())
        client_.wait();
    Counters &counters = around().counters;
    if (counters.stanzas_in.get() % Counters::timed_of != 0)
        return deliveries_.deliver(around().host(), outbound);
    const Clock &clock = around().shared.clock;
    const Time begin = clock.now();
    deliveries_.deliver(around().host(), outbound); // after which this conversation may be over
    counters.deliver_time.add(clock.now() - begin);
}

void Conversation::receive(const jabberd_packet &packet, bool canonical)
{
    const StreamState state = client_.state();
    if (state == StreamState::Closing && asks_how_far(packet))
        return client_.ask_written(text(packet.sfrom));
    if (!session_ || (state != StreamState::Open && (state != StreamState::WaitForStream || !authenticated())))
        return around().shared.returns.undeliverable(packet);

    if (!authenticated() && bytes_of(packet) > max_before_login) {
        around().counters.malformed_packets.add(1);
        return log(JABBERD_LOG_ERROR, "the session manager sent a packet that is too long for a login, ignoring",
                   packet);
    }
    if (canonical && bound())
        return receive_readable(packet, packet, false);
    auto parser = around().parsers.borrow(xml::usual_primer);
    const xml::Stanza *stanza = parser->rewrite(packet, packet::stanza_rules(from_host));
    if (stanza == nullptr) {
        around().counters.malformed_packets.add(1);
        return log(JABBERD_LOG_ERROR, "the session manager sent a packet that is not canonical XML, ignoring", packet);
    }
    jabberd_packet readable = stanza->packet;
    readable.sfrom = packet.sfrom;
    receive_readable(packet, readable, packet::carries_510(*stanza));
    around().parsers.give_back(std::move(parser), xml::usual_primer);
}

// `canonical` says the same as `packet` in our own spelling.
void Conversation::receive_readable(const jabberd_packet &packet, const jabberd_packet &canonical, bool carries_510)
{
    jabberd_packet readable = canonical;
    readable.sto = {};
    std::string storage;
    const bool was_authenticated = session_->authenticated();
    const std::string mechanism{was_authenticated ? std::string_view{} : session_->mechanism()};
    const auto [meaning, next] = session_->receive(readable, carries_510, storage, around().offers);
    if (!was_authenticated && session_->authenticated())
        count_login(mechanism, &LoginTally::accepted);
    else if (!was_authenticated && meaning == Meaning::LoginFailed)
        count_login(mechanism, &LoginTally::refused);
    const bool is_success = meaning == Meaning::Authenticated || meaning == Meaning::LoggedIn;
    if (is_success && next == session::Next::Features && login_ != nullptr)
        return log_in(readable, meaning);
    if (logs_in() && (meaning == Meaning::Pass || meaning == Meaning::Relay))
        return keep_early(packet);
    act(meaning, packet, readable, was_authenticated, mechanism);
    if (client_.state() != StreamState::Open || meaning == Meaning::TooEarly)
        return;
    if (next == session::Next::Stream)
        client_.restart();
    else if (next == session::Next::Features)
        ask_features();
    client_.go_on();
}

// `readable`: what the client is written, `packet`: as it came. `mechanism`: by which it logs in, or would.
void Conversation::act(Meaning meaning, const jabberd_packet &packet, const jabberd_packet &readable, bool was_known,
                       const std::string &mechanism)
{
    const auto write = [&] { client_.write(readable, text(packet.sfrom)); };
    switch (meaning) {
    case Meaning::Pass:
    case Meaning::Authenticated: return write();
    case Meaning::Relay: {
        std::string element;
        xml::append_packet(element, readable);
        return client_.write(element);
    }
    case Meaning::Written: return client_.ask_written(text(packet.sfrom));
    case Meaning::Refused:
        around().host().log(JABBERD_LOG_INFO, "a question before login was refused to " + client_.from().to_string(),
                            {{"CLIENT", client_.from().to_string()}, {"CONNECTION", session_->address()}});
        return write();
    case Meaning::LoginFailed:
        write();
        return login_failed(was_known ? "resource binding" : mechanism, session::refusal_of(readable));
    case Meaning::LoggedIn: write(); return logged_in();
    case Meaning::Features:
        around().shared.answering.note(session_->host(), !session_->is_translated());
        return write_features();
    case Meaning::Introduced: return;
    case Meaning::Ignore:
        return log(JABBERD_LOG_WARNING, "the session manager sent what this client has not asked for, ignoring",
                   packet);
    case Meaning::TooEarly: return keep_early(packet);
    case Meaning::OtherSession:
        around().host().log(JABBERD_LOG_WARNING,
                            "a packet of a session that this connection does not have is not given to " +
                                client_.from().to_string() + ", and goes back",
                            {{"CLIENT", client_.from().to_string()},
                             {"CONNECTION", session_->address()},
                             {"SESSION", session_->sto()},
                             {"SFROM", text(packet.sfrom)}});
        return around().shared.returns.undeliverable(packet);
    case Meaning::Disconnected: {
        deliveries_.note_ended(); // it is the session manager that says so
        const session::Ending ending = session::ending_of(packet, was_known);
        return client_.end({ending.condition, ending.text, ending.host});
    }
    case Meaning::Impossible:
        return client_.end(
            {Condition::InternalServerError, "The session manager has given an answer that makes no sense"});
    }
}

void Conversation::keep_early(const jabberd_packet &packet)
{
    if (early_.size() < max_early)
        return early_.push_back(OwnedPacket{packet});
    client_.end({Condition::ResourceConstraint, "Too much for a client that has not bound a resource"});
}

void Conversation::count_login(std::string_view mechanism, Tally LoginTally::*result)
{
    (around().counters.logins_by[session::counted_mechanism(mechanism)].*result).add(1);
}

void Conversation::login_failed(std::string_view mechanism, const std::string &reason)
{
    around().counters.login_failures.add(1);
    std::string line = "login refused to " + client_.from().to_string();
    line.append(": ").append(mechanism.empty() ? "a mechanism that is not offered" : mechanism);
    if (!reason.empty())
        line.append(", ").append(reason);
    around().host().log(JABBERD_LOG_NOTICE, line,
                        {{"CLIENT", client_.from().to_string()},
                         {"CONNECTION", session_->address()},
                         {"MECHANISM", mechanism},
                         {"REASON", reason}});
    if (session_->failed_logins() >= options().attempts)
        return client_.end({Condition::PolicyViolation, "Too many failed logins"});
    // The next mechanism of the same try may carry another guess: it costs what a new connection would.
    if (session_->failed_in_same_try() &&
        !around().shared.address_caps.spend(client_.from(), options().limits.attempts, around().now()))
        client_.end({Condition::PolicyViolation, "Too many failed logins from this address"});
}

// As with passwords, but for the one try that any client has whose session is over.
bool Conversation::count_not_resumed()
{
    session_->count_not_resumed();
    return session_->failed_logins() <= options().attempts;
}

void Conversation::logged_in()
{
    around().counters.logins.add(1);
    around().counters.login_time.add(around().now() - client_.since());
    around().host().log(JABBERD_LOG_INFO,
                        std::string{session_->sto()} + " logged in from " +
                            (client_.over_websocket() ? "websocket " : "") + client_.from().to_string(),
                        {{"SESSION", session_->sto()},
                         {"CONNECTION", session_->address()},
                         {"CLIENT", client_.from().to_string()},
                         {"SECURITY", client_.socket().security()}});
    std::string{}.swap(stream_id_); // only a swap gives the memory back
    client_.use(rules());
    client_.set_deadline(Deadline::End, never);
    for (const OwnedPacket &packet : early_.take())
        receive(packet.packet(), false);
}

// By its own session manager, of a stream that ends: it waits for what comes back.
bool Conversation::asks_how_far(const jabberd_packet &packet) const
{
    return bound() && text(packet.xmlns) == JABBERD_NS_WRITTEN && same_address(text(packet.sfrom), session_->sto());
}

void Conversation::written()
{
    session::Outbound answer = session_->written();
    deliveries_.deliver(around().host(), answer);
}

void Conversation::end(packet::Ended how)
{
    if (session_)
        deliveries_.end(around().host(), *session_, how);
}

void Conversation::leave(std::string address)
{
    session_.reset();
    address_ = std::move(address);
    deliveries_ = {};
    early_ = {};
    login_.reset();
}

void Conversation::return_early()
{
    for (const OwnedPacket &packet : early_.take())
        around().host().return_packet(packet.packet());
}

void Conversation::log(jabberd_log_level level, std::string_view message, const jabberd_packet &packet)
{
    around().host().log(level, message, {{"CONNECTION", address()}, {"SFROM", text(packet.sfrom)}});
}

void Conversation::save(handover::ConnectionState &state) const
{
    state.address = address();
    state.stream_id = stream_id_;
    if (session_)
        session_->save(state);
    deliveries_.save(state);
    if (login_ != nullptr)
        state.wishes = login_->wishes;
    state.early = texts_of(early_);
}

void Conversation::restore(const handover::ConnectionState &state)
{
    address_ = state.address;
    stream_id_ = state.stream_id;
    deliveries_.restore(state);
    early_ = packets_of(state.early);
    note_wishes(state.wishes);
    if (!state.to)
        return;
    session_.emplace(state);
    if (!options().advertise_registration)
        session_->hide_registration();
}

} // namespace jabberd::connection
