// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/detached.h"

#include "base/address.h"
#include "base/view.h"
#include "connection/relief.h"
#include "connection/returning.h"
#include "connection/snapshot_values.h"
#include "handover/snapshot.h"
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

// For the time of a call.
class Scope {
public:
    Scope(Conversation *&current, Conversation &conversation) : current_(current) { current_ = &conversation; }
    ~Scope() { current_ = nullptr; }
    Scope(const Scope &) = delete;
    Scope &operator=(const Scope &) = delete;

private:
    Conversation *&current_;
};

// Of a session, what is not its connection's.
std::string frozen(const handover::ConnectionState &state)
{
    if (state.session != JABBERD_SESSION_BOUND)
        throw std::runtime_error{"a detached session that is none"};
    handover::ConnectionState session;
    session.address = state.address;
    session.stream = JABBERD_STREAM_OPEN;
    session.session = state.session;
    session.to = state.to;
    session.alias = state.alias;
    session.identity = state.identity;
    session.lang = state.lang;
    session.asked_itself = state.asked_itself;
    session.wants_end = state.wants_end;
    session.relayed = state.relayed;
    session.held = state.held;
    std::string records = handover::records_of(session);
    records.shrink_to_fit();
    return records;
}

// With its place in the list of its loop, and what allocations take.
constexpr std::size_t bytes_beside = 96;

} // namespace

// What has a share of an address gives it back only when nothing throws any more, so that is taken last.
Detached::Detached(Surroundings &around, const handover::ConnectionState &state)
    : around_(around)
    , from_(last_client(state.client))
    , frozen_(frozen(state))
    , management_(state)
    , kept_(static_cast<std::uint32_t>(state.held.size()))
    , resume_by_(time_of(state.resume_by))
    , share_(around.shared.address_caps.restore(from_))
{
    account();
}

Detached::~Detached()
{
    share_.memory.give_back(accounted_);
    around_.shared.address_caps.release(from_);
}

void Detached::keep(const Conversation &conversation)
{
    handover::ConnectionState state;
    conversation.save(state);
    frozen_ = frozen(state);
    taken_ += conversation.taken();
    kept_ = conversation.kept();
}

// A call inside of one has the same conversation.
template <typename Work>
void Detached::converse(const Work &work)
{
    if (conversation_ != nullptr)
        return work(*conversation_);
    Conversation conversation{*this};
    conversation.restore(handover::connection_of(frozen_));
    const Scope scope{conversation_, conversation};
    work(conversation);
    if (!over_)
        keep(conversation);
}

handover::ConnectionState Detached::freeze() const
{
    handover::ConnectionState state = handover::connection_of(frozen_);
    state.client = from_.to_string();
    management_.save(state, taken_);
    state.detached_since = nanoseconds(resume_by_ - management_.resumable_for());
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
        converse([&](Conversation &conversation) {
            if (!same_address(conversation.address(), text(packet.sto))) // an epoch is not in the id
                return around_.shared.returns.undeliverable(packet);
            conversation.receive(packet, canonical);
        });
        if (!over_)
            account();
    } catch (const std::bad_alloc &) {
        out_of_memory();
    }
}

void Detached::resume_host()
{
    if (kept_ != 0)
        converse([](Conversation &conversation) { conversation.resume(); });
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
        conversation_->written();
}

void Detached::account()
{
    const std::size_t held = sizeof *this + bytes_beside + frozen_.capacity() + management_.held_bytes();
    const std::size_t before = std::exchange(accounted_, static_cast<std::uint32_t>(held));
    if (held < before)
        return share_.memory.give_back(before - held);
    share_.memory.hold(held - before);
    if (share_.memory.is_over() || around_.shared.memory.is_over())
        relieve(around_.shared, from_);
}

bool Detached::is_for(const ResumptionKey &key, std::string_view user, std::string_view host) const
{
    if (!same_key(key, management_.key()))
        return false;
    const handover::ConnectionState session = handover::connection_of(frozen_);
    return same_address(bare_address(session.identity), user) && same_host(*session.to, host);
}

// The session manager's word, or its mistake.
void Detached::end(const stream::StreamError &error)
{
    end(std::string{"the session manager has ended it: "}.append(error.text));
}

void Detached::end(std::string_view reason)
{
    if (!over_)
        converse([&](Conversation &conversation) { be_over(conversation, reason); });
}

void Detached::be_over(Conversation &conversation, std::string_view reason)
{
    over_ = true;
    cancel();
    around_.counters.expired.add(1);
    around_.host().log(JABBERD_LOG_INFO,
                       std::string{conversation.sto()} + " cannot be resumed any more: " + std::string{reason},
                       {{"SESSION", conversation.sto()}, {"CONNECTION", conversation.address()}, {"REASON", reason}});
    conversation.end();
    if (const auto stanzas = std::move(management_.unacknowledged_stanzas))
        return_all(*stanzas, around_.host(), conversation.address(), around_.parsers, around_.counters);
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

void Detached::show(const std::function<void(const Status &)> &see) const
{
    const handover::ConnectionState session = handover::connection_of(frozen_);
    const Time since = resume_by_ - management_.resumable_for();
    see({.address = session.address,
         .sto = session.identity,
         .from = from_,
         .authenticated = true,
         .since = since,
         .last_read = since,
         .bytes_in = 0,
         .bytes_out = 0,
         .stanzas_in = 0,
         .stanzas_out = 0,
         .queued = management_.unacknowledged_stanzas ? management_.unacknowledged_stanzas->size() : 0,
         .security = {},
         .detached = since});
}

} // namespace jabberd::connection
