// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/management.h"

#include "base/random.h"

#include <algorithm>

namespace jabberd::connection {

namespace {

// A client is not asked for each stanza: what it is asked for costs a packet each way, and a phone its sleep.
constexpr std::uint32_t ask_at_stanzas = 32;
constexpr std::uint32_t questions_within_limits = 4;

bool is_later(std::uint32_t one, std::uint32_t other)
{
    return static_cast<std::int32_t>(one - other) > 0;
}

} // namespace

Management::Management(std::uint32_t taken, std::chrono::seconds resumable_for)
    : resumable_for_(resumable_for), taken_before_(taken)
{
    if (resumable())
        key_ = random_128();
}

std::uint32_t Management::handled(std::uint32_t taken)
{
    if (const std::uint32_t now = taken - taken_before_; is_later(now, reported_))
        reported_ = now;
    return reported_;
}

void Management::sent(net::QueuePool &queues, std::string_view stanza, std::string_view sfrom,
                      const config::StreamManagement &limits)
{
    ++sent_;
    if (too_much_)
        return;
    if (!unacknowledged_stanzas)
        unacknowledged_stanzas = queues.borrow();
    unacknowledged_stanzas->begin_stanza() += stanza;
    unacknowledged_stanzas->end_stanza(sfrom);
    too_much_ = unacknowledged() > limits.stanzas || unacknowledged_stanzas->size() > limits.bytes;
}

std::optional<unsigned> Management::acknowledge(net::QueuePool &queues, std::uint32_t h)
{
    if (!may_acknowledge(h))
        return std::nullopt;
    const std::uint32_t count = h - acknowledged_;
    asked_ = false;
    acknowledged_ = h;
    if (!unacknowledged_stanzas)
        return 0;
    const unsigned answers = unacknowledged_stanzas->drop(count).marks;
    if (unacknowledged_stanzas->empty())
        queues.give_back(std::move(unacknowledged_stanzas));
    return answers;
}

void Management::forget()
{
    unacknowledged_stanzas.reset();
}

bool Management::should_ask_now(const config::StreamManagement &limits) const
{
    return should_ask() &&
           (unacknowledged() >= std::min(ask_at_stanzas, limits.stanzas / questions_within_limits) ||
            (unacknowledged_stanzas && unacknowledged_stanzas->size() >= limits.bytes / questions_within_limits));
}

void Management::save(handover::ConnectionState &state, std::uint32_t taken) const
{
    state.managed = true;
    state.sm_handled = taken - taken_before_;
    state.sm_reported = reported_;
    state.sm_sent = sent_;
    state.sm_acknowledged = acknowledged_;
    state.sm_asked = asked_;
    state.sm_too_much = too_much_;
    state.sm_seconds = static_cast<std::uint32_t>(resumable_for_.count());
    state.sm_key = bytes_of(key_);
    if (!unacknowledged_stanzas)
        return;
    for (const net::OutQueue::Piece &piece : unacknowledged_stanzas->pieces())
        state.unacknowledged.push_back({std::string{piece.bytes}, 0, std::string{piece.sfrom}});
}

Management::Management(const handover::ConnectionState &state)
    : key_(key_of_bytes(state.sm_key))
    , resumable_for_(state.sm_seconds)
    , taken_before_(-state.sm_handled)
    , reported_(state.sm_reported)
    , sent_(state.sm_sent)
    , acknowledged_(state.sm_acknowledged)
    , asked_(state.sm_asked)
    , too_much_(state.sm_too_much)
{
    if (state.unacknowledged.empty())
        return;
    unacknowledged_stanzas = std::make_unique<net::OutQueue>();
    for (const auto &piece : state.unacknowledged)
        unacknowledged_stanzas->restore({piece.bytes, 0, piece.sfrom});
}

} // namespace jabberd::connection
