// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/detached.h"

#include "base/address.h"
#include "connection/relief.h"
#include "connection/returning.h"
#include "connection/snapshot_values.h"
#include "xml/packet_text.h"

#include <jabberd/snapshot.h>

#include <new>
#include <stdexcept>

namespace jabberd::connection {

namespace {

net::SocketAddress last_client(const std::string &text)
{
    if (const auto address = net::SocketAddress::from_string(text))
        return *address;
    throw std::runtime_error{"a client's address that is none: " + text};
}

// With its place in the list of its loop, and what an allocation takes.
constexpr std::size_t bytes_beside = 64;

} // namespace

Detached::Detached(Surroundings &around, const handover::ConnectionState &state)
    : around_(around)
    , from_(last_client(state.client))
    , conversation_(*this)
    , management_(state)
    , share_(around.shared.address_caps.restore(from_))
    , since_(time_of(state.detached_since))
    , resume_by_(time_of(state.resume_by))
{
    conversation_.restore(state);
    if (!conversation_.bound())
        throw std::runtime_error{"a detached session that is none"};
    account();
}

Detached::~Detached()
{
    share_.memory.give_back(accounted_);
    around_.shared.address_caps.release(from_);
}

handover::ConnectionState Detached::freeze() const
{
    handover::ConnectionState state;
    state.client = from_.to_string();
    state.stream = JABBERD_STREAM_OPEN;
    conversation_.save(state);
    management_.save(state, conversation_.taken());
    state.detached_since = nanoseconds(since_);
    state.resume_by = nanoseconds(resume_by_);
    return state;
}

// The stream is the client's, and the session is this one.
handover::ConnectionState Detached::join(const handover::ConnectionState &client) const
{
    handover::ConnectionState joined = client;
    handover::ConnectionState own = freeze();
    joined.address = std::move(own.address);
    joined.session = own.session;
    joined.to = std::move(own.to);
    joined.own_name.clear();
    joined.identity = std::move(own.identity);
    joined.handle = false;
    joined.wants_end = own.wants_end;
    joined.relayed = std::move(own.relayed);
    joined.asked_itself = std::move(own.asked_itself);
    joined.held = std::move(own.held);
    joined.ended = false;
    // What the login of the client was about.
    joined.early.clear();
    joined.asked.clear();
    joined.info.clear();
    joined.exchange = 0;
    joined.offered.clear();
    joined.translated = false;
    joined.mechanism.clear();
    joined.tried.clear();
    joined.give_up = joined.answer_by = 0;

    joined.managed = true;
    joined.sm_key = std::move(own.sm_key);
    joined.sm_seconds = own.sm_seconds;
    joined.sm_handled = own.sm_handled;
    joined.sm_reported = own.sm_reported;
    joined.sm_sent = own.sm_sent;
    joined.sm_acknowledged = own.sm_acknowledged;
    joined.unacknowledged = std::move(own.unacknowledged);
    return joined;
}

void Detached::wake()
{
    arm();
    resume_host();
}

void Detached::arm()
{
    if (!over_)
        around_.loop.timers().set(*this, resume_by_);
}

void Detached::on_timer()
{
    try {
        end("its client has not come back in time");
    } catch (const std::bad_alloc &) {
        out_of_memory();
    }
}

stream::StreamState Detached::state() const
{
    return over_ ? stream::StreamState::Disconnected : stream::StreamState::Open;
}

void Detached::receive(const jabberd_packet &packet, bool canonical)
{
    try {
        conversation_.receive(packet, canonical);
        if (!over_)
            account();
    } catch (const std::bad_alloc &) {
        out_of_memory();
    }
}

void Detached::resume_host()
{
    conversation_.resume();
}

void Detached::write(const jabberd_packet &stanza, std::string_view sfrom)
{
    std::string bytes;
    xml::append_packet(bytes, stanza);
    management_.sent(around_.queues, bytes, sfrom, around_.options->stream_management);
    if (management_.too_much())
        end("more waits for it than <stream-management/> allows");
}

void Detached::ask_written(std::string_view sfrom)
{
    if (management_.unacknowledged_stanzas)
        management_.unacknowledged_stanzas->mark(sfrom);
    else
        conversation_.written();
}

void Detached::account()
{
    const std::size_t held = sizeof *this + bytes_beside + management_.held_bytes();
    const std::size_t before = std::exchange(accounted_, held);
    if (held < before)
        return share_.memory.give_back(before - held);
    share_.memory.hold(held - before);
    if (share_.memory.is_over() || around_.shared.memory.is_over())
        relieve(around_.shared, from_);
}

bool Detached::is_for(const ResumptionKey &key, std::string_view user, std::string_view host) const
{
    return same_key(key, management_.key()) && same_address(bare_address(conversation_.sto()), user) &&
           same_host(conversation_.session()->host(), host);
}

// The session manager's word, or its mistake.
void Detached::end(const stream::StreamError &error)
{
    end(std::string{"the session manager has ended it: "}.append(error.text));
}

void Detached::end(std::string_view reason)
{
    if (over_)
        return;
    over_ = true;
    cancel();
    around_.counters.expired.add(1);
    around_.host().log(JABBERD_LOG_INFO, std::string{session()} + " cannot be resumed any more: " + std::string{reason},
                       {{"SESSION", session()}, {"CONNECTION", address()}, {"REASON", reason}});
    give_back_all();
}

void Detached::give_back_all()
{
    conversation_.end();
    if (const auto stanzas = std::move(management_.unacknowledged_stanzas))
        return_all(*stanzas, around_.host(), address(), around_.parsers, around_.counters);
    around_.owner.retire(*this);
}

// Without a word, if there is no memory for one.
void Detached::out_of_memory()
{
    around_.counters.out_of_memory.add(1);
    try {
        relieve_once(around_.shared);
        end("out of memory");
    } catch (const std::bad_alloc &) {
        over_ = true;
        cancel();
        management_.forget();
        around_.owner.retire(*this);
    }
}

Status Detached::status() const
{
    return {.address = address(),
            .sto = session(),
            .from = from_,
            .authenticated = true,
            .since = since_,
            .last_read = since_,
            .bytes_in = 0,
            .bytes_out = 0,
            .stanzas_in = 0,
            .stanzas_out = 0,
            .queued = management_.unacknowledged_stanzas ? management_.unacknowledged_stanzas->size() : 0,
            .security = {},
            .detached = since_};
}

} // namespace jabberd::connection
