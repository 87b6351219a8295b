// SPDX-License-Identifier: LGPL-2.1-or-later
// What is measured in front of a server (include/jabberd/metrics.h). examples/operations/README.md is its table.
#include "upstream/component.h"

#include <chrono>
#include <memory>

namespace jabberd::upstream {

namespace {

constexpr std::chrono::milliseconds scrape_patience{100}; // a loop that is busier than that is not waited for

struct Measured {
    std::size_t asking = 0, logging_in = 0, bound = 0, waiting = 0, dialled = 0;
    Around::Counters counters;
};

} // namespace

void Component::metrics(MetricWriter &writer)
{
    const auto measured = std::make_shared<Measured>(); // shared: this call may have ended
    const auto measure = [this, measured] {
        for (const auto &[address, client] : clients_) {
            measured->asking += client->phase() <= Phase::Asking ? 1 : 0;
            measured->logging_in += client->phase() > Phase::Asking && client->phase() < Phase::Bound ? 1 : 0;
            measured->bound += client->phase() == Phase::Bound ? 1 : 0;
        }
        measured->waiting = logins_.size();
        measured->dialled = around_.dialled;
        measured->counters = around_.counters;
    };
    if (!thread_.joinable())
        measure();
    else if (!run_on_loop(measure, scrape_patience))
        return;
    const Around::Counters &counters = measured->counters;
    writer.gauge("upstream_clients", "Clients that are spoken for, by how far they are.");
    writer.sample(measured->asking, {{"state", "asking"}});
    writer.sample(measured->logging_in, {{"state", "logging-in"}});
    writer.sample(measured->bound, {{"state", "session"}});
    writer.gauge("upstream_logins_waiting", "Clients that wait for their turn to log in.", measured->waiting);
    writer.counter("upstream_connections", "Connections that were opened with the server.", measured->dialled);
    writer.counter("upstream_lost_connections", "Connections that the server has ended.", counters.lost);
    writer.counter("upstream_logins", "Logins, by what the server has said.");
    writer.sample(counters.logins, {{"result", "accepted"}});
    writer.sample(counters.refused, {{"result", "refused"}});
    writer.counter("upstream_stanzas", "Stanzas, by where they went.");
    writer.sample(counters.stanzas_out, {{"direction", "to-server"}});
    writer.sample(counters.stanzas_in, {{"direction", "from-server"}});
    writer.counter("upstream_returned_stanzas", "Stanzas left to the server, for the client was gone.",
                   counters.given_back);
}

} // namespace jabberd::upstream
