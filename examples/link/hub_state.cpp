// SPDX-License-Identifier: LGPL-2.1-or-later
// What is told of the peers: to a successor, and to the operator. [main]
#include "link/hub.h"

#include "base/view.h"
#include "link/peer/state.h"

#include <algorithm>
#include <utility>

namespace jabberd::link {

std::vector<Peer::State> Hub::save()
{
    std::vector<Peer::State> states;
    for (const auto all = links(); const auto &link : *all) {
        const std::lock_guard lock{link->mutex};
        states.push_back(link->peer.save());
    }
    return states;
}

bool Hub::restore(std::vector<Peer::State> states)
{
    Links restored;
    for (Peer::State &state : states) {
        auto peer = Peer::restore(std::move(state), self_, settings_.of_one(states.size()));
        if (!peer)
            return false;
        restored.push_back(std::make_shared<Link>(std::move(*peer)));
    }
    for (const auto all = links(); const auto &link : *all) {
        if (std::ranges::none_of(restored, [&](const auto &other) { return other->peer.name() == link->peer.name(); }))
            restored.push_back(link);
    }
    set_links(std::move(restored));
    succeeds_ = true;
    return true;
}

bool Hub::all_taken()
{
    return std::ranges::all_of(*links(), [](const auto &link) {
        const std::lock_guard lock{link->mutex};
        return !link->peer.established() || link->peer.status().ring_bytes == 0;
    });
}

std::string Hub::peer_of(const jabberd_packet &packet, bool arrives) const
{
    if (arrives) {
        const bool delivers = std::this_thread::get_id() == thread_id_ && delivering_ != nullptr;
        return delivers ? delivering_->peer.name() : "";
    }
    const auto known = table();
    const Link *const link = known->pick(packet);
    return link == nullptr ? "" : link->peer.name();
}

void Hub::status(jabberd_status_sink sink, void *data)
{
    const auto ms = [](Duration time) {
        return std::to_string(std::chrono::duration_cast<milliseconds>(time).count());
    };
    for (const auto all = links(); const auto &link : *all) {
        Peer::Status status;
        std::size_t names = 0;
        std::string way;
        {
            const std::lock_guard lock{link->mutex};
            status = link->peer.status();
            names = link->names.size();
            way = link->way;
        }
        const char *state = status.established              ? status.carried == Carried::Up ? "up" : "up, without a way"
                            : status.carried == Carried::Up ? "waiting for it"
                                                            : "down";
        const std::string line =
            std::string{state} + " for " + std::to_string(status.since / std::chrono::seconds{1}) +
            " s, incarnations " + std::to_string(status.mine) + " and " + std::to_string(status.known) + ", names " +
            std::to_string(names) + ", in flight " + std::to_string(status.in_flight) + ", credit " +
            std::to_string(status.credit) + ", acked " + std::to_string(status.taken) + ", ring " +
            std::to_string(status.ring_bytes) + ", sent " + std::to_string(status.counts.packets_out) + ", received " +
            std::to_string(status.counts.packets_in) + ", repaired " + std::to_string(status.counts.repaired) +
            ", doubled " + std::to_string(status.counts.duplicates) + ", returned " +
            std::to_string(link->returned.load()) + ", sessions " + std::to_string(status.sessions) + ", ended " +
            std::to_string(link->ended.load()) + ", given up " + std::to_string(status.counts.given_up) + ", lag " +
            ms(status.lag) + " ms; " + way;
        sink(data, view("peer " + link->peer.name()), view(line));
    }
}

} // namespace jabberd::link
