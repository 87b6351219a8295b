// SPDX-License-Identifier: LGPL-2.1-or-later
// Hub: what it measures of each link (include/jabberd/metrics.h). examples/operations/README.md is its table.
#include "link/hub.h"

#include <chrono>
#include <utility>

namespace jabberd::link {

namespace {

// A link as it is at one moment.
struct Measured {
    std::string peer;
    Peer::Status status;
    std::uint64_t names, returned, ended;
};

using LinkValue = double (*)(const Measured &link);

struct LinkFamily {
    std::string_view name, help;
    LinkValue value;
};

double number(std::uint64_t count)
{
    return static_cast<double>(count);
}

constexpr LinkFamily gauges[] = {
    {"link_up", "1 while packets can go to the peer.",
     [](const Measured &link) { return link.status.established && link.status.carried == Carried::Up ? 1.0 : 0.0; }},
    {"link_state_seconds", "For how long that has been so.",
     [](const Measured &link) { return std::chrono::duration<double>{link.status.since}.count(); }},
    {"link_lag_seconds", "How long ago the oldest packet was sent that the peer has not acknowledged.",
     [](const Measured &link) { return std::chrono::duration<double>{link.status.lag}.count(); }},
    {"link_unacknowledged_packets", "Packets that the peer has not acknowledged.",
     [](const Measured &link) { return number(link.status.in_flight); }},
    {"link_ring_bytes", "What is kept to be sent again.",
     [](const Measured &link) { return number(link.status.ring_bytes); }},
    {"link_names", "Names that the peer answers for.", [](const Measured &link) { return number(link.names); }},
    {"link_sessions", "Sessions that go over the link.",
     [](const Measured &link) { return number(link.status.sessions); }},
};

constexpr LinkFamily counters[] = {
    {"link_lost", "How often the peer was given up, with what it had not acknowledged.",
     [](const Measured &link) { return number(link.status.counts.given_up); }},
    {"link_sent_packets", "Packets that were sent to the peer.",
     [](const Measured &link) { return number(link.status.counts.packets_out); }},
    {"link_received_packets", "Packets that have come from the peer.",
     [](const Measured &link) { return number(link.status.counts.packets_in); }},
    {"link_repaired_packets", "Packets that were sent again.",
     [](const Measured &link) { return number(link.status.counts.repaired); }},
    {"link_duplicate_packets", "Packets that came a second time.",
     [](const Measured &link) { return number(link.status.counts.duplicates); }},
    {"link_broken_frames", "Frames of the peer that could not be read.",
     [](const Measured &link) { return number(link.status.counts.broken); }},
    {"link_returned_packets", "Packets that went back to their senders.",
     [](const Measured &link) { return number(link.returned); }},
    {"link_ended_sessions", "Sessions that have ended with the link.",
     [](const Measured &link) { return number(link.ended); }},
};

} // namespace

void Hub::metrics(MetricWriter &writer)
{
    std::vector<Measured> measured;
    for (const auto all = links(); const auto &link : *all) {
        const std::lock_guard lock{link->mutex};
        measured.push_back(
            {link->peer.name(), link->peer.status(), link->names.size(), link->returned.load(), link->ended.load()});
    }
    const auto tell = [&](const LinkFamily &family) {
        for (const Measured &link : measured)
            writer.sample(family.value(link), {{"peer", link.peer}});
    };
    for (const LinkFamily &family : gauges) {
        writer.gauge(family.name, family.help);
        tell(family);
    }
    for (const LinkFamily &family : counters) {
        writer.counter(family.name, family.help);
        tell(family);
    }
}

} // namespace jabberd::link
