// SPDX-License-Identifier: LGPL-2.1-or-later
// Once a resource is bound: stanzas, what has arrived of them, and the end.
#include "upstream/client/client.h"

#include "base/address.h"
#include "base/log.h"
#include "base/view.h"
#include "packet/namespaces.h"
#include "packet/notice.h"
#include "packet/stanza_rules.h"
#include "stream/namespaces.h"
#include "xml/document.h"
#include "xml/escape.h"

#include <jabberd/session.h>

#include <utility>

namespace jabberd::upstream {

namespace {

// For the server to close its end: a socket that is closed with something unread in it takes our last words with it.
constexpr std::chrono::seconds linger{3};

// Of a client that gets one stanza after the other not each is acknowledged by itself. Not long: what a server is not
// told about when it ends it takes for undelivered.
constexpr std::chrono::milliseconds ack_pause{100};

std::string ack(std::uint32_t h)
{
    return "<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(h) + "'/>";
}

jabberd_packet question_how_far()
{
    jabberd_packet packet{};
    packet.name = view("r");
    packet.xmlns = view(JABBERD_NS_WRITTEN);
    return packet;
}

} // namespace

void Client::stanza_of_client(const jabberd_packet &packet)
{
    if (acks_.mode == Acks::Mode::Undecided)
        decide_on_acks(packet);
    if (text(packet.xmlns) == stream::ns::management && acks_.mode != Acks::Mode::Client) {
        if (text(packet.name) != "enable")
            return; // it has never been enabled
        jabberd_packet refusal{};
        refusal.name = view("failed");
        refusal.xmlns = view(stream::ns::management);
        refusal.body = view("<unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>");
        return deliver(refusal, identity_);
    }
    ++around_.counters.stanzas_out;
    write(packet);
}

// A client that has XEP-0198 enables it first of all, before it is known to others. For any other it is ours to see
// what arrives: acks, and no resumption.
void Client::decide_on_acks(const jabberd_packet &packet)
{
    if (text(packet.xmlns) == stream::ns::management && text(packet.name) == "enable") {
        acks_.mode = Acks::Mode::Client;
        return;
    }
    if (!has_stream_management_) {
        acks_.mode = Acks::Mode::None;
        return;
    }
    acks_.mode = Acks::Mode::Asked;
    link_->write("<enable xmlns='urn:xmpp:sm:3'/>");
}

// Of the server.
void Client::stream_management(const jabberd_packet &packet)
{
    const std::string_view name = text(packet.name);
    if (phase_ == Phase::Authenticated && !nonce_.empty()) {
        const std::string id = std::exchange(nonce_, {});
        jabberd_packet answer = packet;
        answer.id = view(id);
        if (name != "resumed")
            return deliver(answer, host_);
        acks_.mode = Acks::Mode::Client;
        const std::string known = owner_.session_called(resumed_);
        return bound_as(known.empty() ? identity_ + "/" + resumed_ : known, answer);
    }
    if (phase_ != Phase::Bound)
        return;
    if (acks_.mode == Acks::Mode::Client) {
        if (const std::string_view id = text(packet.id); name == "enabled" && !id.empty())
            owner_.remember_session(id, identity_);
        return deliver(packet, identity_);
    }
    if (name == "enabled" && acks_.mode == Acks::Mode::Asked) {
        acks_.mode = Acks::Mode::Ours;
    } else if (name == "failed") {
        acks_.mode = Acks::Mode::None;
    } else if (name == "r" && acks_.ours()) {
        acks_.owe();
        const Time now = around_.loop.now();
        if (now >= next_ack_)
            ask_how_far();
        else if (!alarm_.armed())
            around_.loop.timers().set(alarm_, next_ack_);
    }
}

// How far the client is written; written() has the answer.
void Client::ask_how_far()
{
    acks_.ask();
    next_ack_ = around_.loop.now() + ack_pause;
    deliver(question_how_far(), identity_);
}

// A 510 inside of what the server merely passes on is no word of its session's end: it comes from the user, not from
// the session (include/jabberd/session.h, "The end").
void Client::stanza_of_server(const xml::Stanza &stanza)
{
    ++around_.counters.stanzas_in;
    if (acks_.ours())
        acks_.delivered();
    deliver(stanza.packet, packet::carries_510(stanza) ? bare_address(identity_) : std::string_view{identity_});
    if (acks_.owes_many())
        ask_how_far();
}

// As far as the server has asked, the client has been written. One that closes its stream is written all of it: then
// nothing comes back, and this is the answer that is waited for.
void Client::written()
{
    if (phase_ == Phase::Leaving)
        return answered_at_the_end();
    if (const auto h = acks_.written(); h && link_)
        link_->write(ack(*h));
}

void Client::answered_at_the_end()
{
    acks_.written();
    if (!acks_.waiting())
        leave();
}

// A 510 of the socket manager: the client is gone; a stanza that it did not get; or the last of them.
void Client::notice(const jabberd_packet &packet)
{
    if (phase_ >= Phase::Closing)
        return;
    if (text(packet.xmlns) == JABBERD_NS_WRITTEN)
        return answered_at_the_end();
    if (phase_ < Phase::Bound)
        return await_the_rest(); // also by an answer of ours that comes back: it went while we looked for one
    if (packet::hidden_packet(packet)) {
        const std::string_view name = text(packet.name);
        if (name == "message" || name == "presence" || name == "iq") {
            ++around_.counters.given_back;
            acks_.came_back();
        }
        return;
    }
    if (phase_ == Phase::Leaving)
        return;
    const auto document = xml::parse_body(text(packet.body));
    const xmlNode *end = document ? xml::child(xmlDocGetRootElement(document.get()), "end", JABBERD_NS_END) : nullptr;
    closed_by_client_ = end != nullptr && xml::attribute(end, "how") == "closed";
    await_the_rest();
}

// What the client was not written comes back; what that is, is known when the question behind all of it does.
void Client::await_the_rest()
{
    phase_ = Phase::Leaving;
    if (!acks_.ours() || !link_ || link_->is_over())
        return leave();
    link_->pause(true);
    around_.loop.timers().set(alarm_, around_.loop.now() + all_back_within);
    ask_how_far();
}

// The server stores, or delivers elsewhere, what it is not told has arrived.
void Client::leave()
{
    alarm_.cancel();
    if (!link_ || !link_->is_open() || link_->is_over())
        return be_over();
    phase_ = Phase::Closing;
    around_.loop.timers().set(alarm_, around_.loop.now() + linger);
    if (acks_.ours())
        link_->write(ack(acks_.last()));
    if (closed_by_client_ || identity_.empty())
        link_->write("</stream:stream>");
    link_->finish();
}

} // namespace jabberd::upstream
