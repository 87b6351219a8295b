// SPDX-License-Identifier: LGPL-2.1-or-later
// Stream management (XEP-0198): what a client has got, and its session when it loses its connection.
#include "connection/connection.h"

#include "base/address.h"
#include "base/connection_address.h"
#include "base/view.h"
#include "connection/detached.h"
#include "connection/snapshot_values.h"

#include <algorithm>
#include <new>
#include <utility>

namespace jabberd::connection {

namespace {

using stream::Condition;
using Element = stream::ManagementElement;

// How long what a client was sent may be without a word of it; a busy one is asked sooner.
constexpr Duration acknowledgement_patience = std::chrono::seconds{5};

} // namespace

// False: it is for the session manager, or for nobody.
bool Connection::take_management(const xml::Stanza &stanza)
{
    const auto element = conversation_.manages_stream() ? stream::management_element(stanza) : std::nullopt;
    if (!element)
        return false;
    switch (element->kind) {
    case Element::Kind::Enable:
        if (!conversation_.bound() || management_ != nullptr)
            break;
        write(enable(*element));
        return true;
    case Element::Kind::Resume:
        if (conversation_.bound())
            break;
        if (const std::string failed = ask_resume(*element); !failed.empty())
            refuse_resume(failed);
        return true;
    case Element::Kind::Request:
        if (management_ == nullptr)
            break;
        write(stream::acknowledgement(management_->handled(conversation_.taken())));
        if (socket_.write_blocked())
            charge(); // it asks, and does not read
        return true;
    case Element::Kind::Answer:
        if (management_ == nullptr)
            break;
        if (element->h)
            acknowledged(*element->h);
        else
            end({Condition::BadFormat, "An acknowledgement says how many"});
        return true;
    case Element::Kind::Unknown: break;
    }
    write(stream::failed("unexpected-request"));
    return true;
}

std::string Connection::enable(const Element &wish)
{
    std::chrono::seconds seconds = wish.resume ? options().stream_management.resumption : std::chrono::seconds{0};
    if (wish.max)
        seconds = std::min(seconds, *wish.max);
    management_ = std::make_unique<Management>(conversation_.taken() + conversation_.kept(), seconds);
    const auto at = parse_connection_address(address());
    const std::string id =
        management_->resumable() ? to_string(ResumptionId{at->id, at->number, management_->key()}) : std::string{};
    return stream::enabled(id, seconds);
}

void Connection::acknowledged(std::uint32_t h)
{
    const std::uint32_t sent = management_->sent_count();
    if (!management_->acknowledge(around_.queues, h)) {
        const std::string too_high = stream::handled_count_too_high(h, sent);
        return end({Condition::UndefinedCondition, "More is acknowledged than was sent", {}, too_high});
    }
    deadlines_.clear(Deadline::Acknowledgement);
    account();
    expect_acknowledgement();
}

void Connection::expect_acknowledgement()
{
    if (management_->should_ask_now(options().stream_management))
        ask_acknowledgement();
    else if (management_->should_ask() && !deadlines_.has(Deadline::Acknowledgement))
        set_deadline(Deadline::Acknowledgement, around_.now() + acknowledgement_patience);
}

void Connection::ask_acknowledgement()
{
    deadlines_.clear(Deadline::Acknowledgement);
    if (management_ == nullptr || !management_->should_ask() || state_ != StreamState::Open)
        return;
    management_->asked();
    write(stream::acknowledgement_request());
}

// A stanza more is on its way to the client.
void Connection::note_sent()
{
    if (management_->too_much() && management_->unacknowledged_stanzas) {
        management_->forget();
        around_.counters.too_much_unacknowledged.add(1);
        around_.host().log(JABBERD_LOG_INFO,
                           std::string{conversation_.sto()} + " (" + from_.to_string() +
                               ") has acknowledged less than <stream-management/> asks for: its session goes on, and "
                               "cannot be resumed",
                           {{"SESSION", conversation_.sto()}, {"CONNECTION", address()}});
    }
    expect_acknowledgement();
}

std::string Connection::user() const
{
    return std::string{bare_address(conversation_.sto())};
}

std::string Connection::ask_resume(const Element &wish)
{
    const auto id = parse_resumption_id(wish.previd);
    if (!id || !wish.h)
        return stream::failed(wish.h ? "item-not-found" : "bad-request");
    resuming_ = true;
    wait();
    around_.owner.resume(*this, *id, *wish.h);
    return {};
}

void Connection::answer_resume(const ResumptionAnswer &answer)
{
    if (!std::exchange(resuming_, false) || state_ != StreamState::Open)
        return;
    within_memory([&] {
        if (answer.kind == ResumptionAnswer::Kind::TooHigh) {
            const std::string too_high = stream::handled_count_too_high(answer.acknowledged, answer.sent);
            return end({Condition::UndefinedCondition, "More is acknowledged than was sent", {}, too_high});
        }
        around_.host().log(JABBERD_LOG_INFO,
                           user() + " (" + from_.to_string() + ") wants a session back that is not there",
                           {{"CONNECTION", address()}, {"CLIENT", from_.to_string()}});
        const std::string failed = stream::failed("item-not-found", answer.handled);
        if (conversation_.logs_in())
            return conversation_.finish_login(failed);
        refuse_resume(failed);
        if (state_ == StreamState::Open)
            go_on();
    });
}

void Connection::refuse_resume(const std::string &failed)
{
    write(failed);
    if (!conversation_.count_not_resumed())
        end({Condition::PolicyViolation, "Too many sessions that are not there"});
}

handover::ConnectionState Connection::give_up_client(Socket &socket, std::optional<OwnedPacket> &login)
{
    login = conversation_.take_login();
    handover::ConnectionState state = freeze();
    socket_.unwatch(around_.loop);
    socket = std::move(socket_);
    state_ = StreamState::Disconnected;
    cancel();
    conversation_.end(packet::Ended::Closed);
    conversation_.return_early();
    outgoing_.forget();
    account();
    around_.owner.retire(*this);
    return state;
}

void Connection::resumed(std::string_view previd, std::uint32_t h, const std::optional<OwnedPacket> &login)
{
    within_memory([&] {
        const unsigned answers = management_->acknowledge(around_.queues, h).value_or(0);
        management_->begin_again();
        around_.counters.resumed.add(1);
        around_.host().log(
            JABBERD_LOG_INFO, std::string{conversation_.sto()} + " has resumed its session from " + from_.to_string(),
            {{"SESSION", conversation_.sto()}, {"CONNECTION", address()}, {"CLIENT", from_.to_string()}});
        const std::string words =
            stream::resumed(previd, management_->handled(conversation_.taken() + conversation_.kept()));
        if (login)
            conversation_.resumed_by_login(login->packet(), words);
        else
            write(words);
        for (unsigned i = 0; i < answers; ++i)
            conversation_.written();
        if (management_->unacknowledged_stanzas) {
            outgoing_.again(around_.queues, *management_->unacknowledged_stanzas);
            management_->unacknowledged_stanzas->forget_marks();
            queued();
        }
        expect_acknowledgement();
        account();
    });
    if (state_ != StreamState::Disconnected)
        wake();
}

bool Connection::is_for(const ResumptionKey &key, std::string_view user, std::string_view host) const
{
    return detachable() && same_key(key, management_->key()) && same_address(bare_address(conversation_.sto()), user) &&
           same_host(session_host(), host);
}

bool Connection::detachable() const
{
    return state_ == StreamState::Open && conversation_.bound() && management_ != nullptr && management_->resumable();
}

// Its session is a value like that of a swap, and goes on as one without a descriptor.
void Connection::detach()
{
    handover::ConnectionState state;
    state.client = from_.to_string();
    state.detached_since = nanoseconds(around_.now());
    state.resume_by = nanoseconds(around_.now() + management_->resumable_for());
    write_kept();
    management_->unacknowledged_stanzas = outgoing_.take_stanzas(management_->unacknowledged_stanzas.get());
    conversation_.save(state);
    management_->save(state, conversation_.taken());
    conversation_.leave(around_.owner.detach(*this, std::make_unique<Detached>(around_, state)));
    around_.counters.detached.add(1);
    management_.reset();
}

void Connection::leave_session()
{
    within_memory([&] {
        flush();
        if (!detachable())
            return;
        log_end("its client resumes the session over another connection");
        detach();
        if (socket_.write_blocked())
            return close(); // in the middle of what it is sent
        write_error({Condition::Conflict, "The session goes on over another connection"});
        be_closing();
        account();
    });
}

// The client is gone without a word.
void Connection::cut(std::string_view reason)
{
    if (!detachable())
        return lost(reason);
    log_end(std::string{reason} + "; its session waits " + std::to_string(management_->resumable_for().count()) +
            " seconds for it");
    state_ = StreamState::Closing; // so that no more is said of it
    incoming_.stop();
    try {
        detach();
    } catch (const std::bad_alloc &) { // then it ends, as it would without
    }
    close();
}

// What goes back to the session manager when the session is over.
std::unique_ptr<net::OutQueue> Connection::take_stanzas()
{
    write_kept();
    const bool known = management_ != nullptr && !management_->too_much();
    return outgoing_.take_stanzas(known ? management_->unacknowledged_stanzas.get() : nullptr);
}

} // namespace jabberd::connection
