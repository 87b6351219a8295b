// SPDX-License-Identifier: LGPL-2.1-or-later
#include "workers/entrance.h"

#include <string>
#include <utility>

namespace jabberd::workers {

namespace {

constexpr Duration log_refusals_every = std::chrono::seconds{10};

} // namespace

void Entrance::admit(net::Accepted client)
{
    using connection::Counters;
    const config::Options &options = first().options();
    const config::Limits &limits = options.limits;
    if (!options.access.admits(client.from))
        return refuse(client, "connections from there are not allowed, by <allow/> or <deny/>", &Counters::denied);
    switch (shared().address_caps.admit(client.from, limits.connections_per_address, limits.attempts,
                                        first().loop().now())) {
    case net::AddressCaps::Verdict::Admitted: break;
    case net::AddressCaps::Verdict::TooMany:
        return refuse_more(client,
                           "its address has as many connections as <connections-per-address/> allows, " +
                               std::to_string(limits.connections_per_address),
                           &Counters::too_many);
    case net::AddressCaps::Verdict::TooFast:
        return refuse_more(client,
                           "its address has connected more often than <attempts-per-second/>, or <rate/>, allows",
                           &Counters::too_fast);
    }
    first().counters().accepted.add(1);
    ++shared().connections;
    workers_[next_worker_]->adopt(std::move(client));
    next_worker_ = (next_worker_ + 1) % workers_.size();
}

void Entrance::refuse(const net::Accepted &client, std::string_view reason, Tally connection::Counters::*why)
{
    first().counters().refused.add(1);
    if (why != nullptr)
        (first().counters().*why).add(1);
    ++refused_since_log_;
    const Time now = first().loop().now();
    if (now < next_log_)
        return;
    next_log_ = now + log_refusals_every;
    log(client, reason, std::to_string(std::exchange(refused_since_log_, 0)) + " refused");
}

void Entrance::refuse_more(const net::Accepted &client, std::string_view reason, Tally connection::Counters::*why)
{
    first().counters().refused.add(1);
    (first().counters().*why).add(1);
    if (const auto count = shared().address_caps.share_of(client.from).refused.happened(first().loop().now()))
        log(client, reason, std::to_string(count) + " of this address refused");
}

void Entrance::log(const net::Accepted &client, std::string_view reason, const std::string &so_many)
{
    shared().host.log(JABBERD_LOG_WARNING,
                      client.from.to_string() + " refused: " + std::string{reason} + " (" + so_many +
                          " since the last line like this)",
                      {{"CLIENT", client.from.to_string()}, {"REASON", reason}});
}

} // namespace jabberd::workers
