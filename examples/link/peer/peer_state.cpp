// SPDX-License-Identifier: LGPL-2.1-or-later
// A peer to a value and back.
#include "link/peer/state.h"

#include <utility>

namespace jabberd::link {

Peer::State Peer::save() const
{
    const Duration now = clock_.now();
    State state;
    state.name = name_;
    state.mine = mine_;
    state.known = known_;
    state.process = process_;
    state.established = established_;
    state.since = now - since_;
    state.heard = now - heard_;
    state.batches = ring_.batches();
    for (Batch &batch : state.batches)
        batch.since = now - batch.since;
    state.received = ring_.received();
    state.taken = ring_.taken();
    state.last = ring_.last();
    state.end_bytes = ring_.end_bytes();
    state.order = ring_.order();
    state.credit = credit_;
    state.inflow = inflow_.save();
    sessions_.for_each([&](std::string_view connection, const Session &session) {
        state.sessions.emplace_back(connection, session);
        state.sessions.back().second.last = now - session.last;
    });
    state.names = names_;
    state.names_seen = names_seen_;
    state.counts = counts_;
    return state;
}

// Its own clock begins anew: what was before is in negative time.
std::optional<Peer> Peer::restore(State state, const Self &self, const PeerSettings &settings)
{
    if (state.mine == 0 || state.mine > max_incarnation || state.known > max_incarnation ||
        (state.established && state.known == 0) || state.inflow.taken > state.inflow.received ||
        state.inflow.partial.size() > max_packet)
        return std::nullopt;
    for (Batch &batch : state.batches)
        batch.since = -batch.since;
    auto ring =
        Ring::restore(std::move(state.batches), state.received, state.taken, state.last, state.end_bytes, state.order);
    if (!ring)
        return std::nullopt;
    std::optional<Peer> peer{std::in_place, std::move(state.name), self, settings};
    peer->mine_ = state.mine;
    peer->known_ = state.known;
    peer->process_ = state.process;
    peer->established_ = state.established;
    peer->since_ = -state.since;
    peer->heard_ = -state.heard;
    peer->ring_ = std::move(*ring);
    peer->credit_ = state.credit;
    peer->inflow_.restore(std::move(state.inflow));
    peer->ack_.at_once(); // what the predecessor still owed
    for (auto &[connection, session] : state.sessions) {
        session.last = -session.last;
        peer->sessions_.restore(std::move(connection), std::move(session));
    }
    peer->names_ = std::move(state.names);
    peer->names_seen_ = state.names_seen;
    peer->counts_ = state.counts;
    peer->update_congestion();
    return peer;
}

} // namespace jabberd::link
