// SPDX-License-Identifier: LGPL-2.1-or-later
// What the socket manager measures (include/jabberd/metrics.h). examples/operations/README.md is its table.
#include "component.h"

#include <array>
#include <chrono>
#include <utility>

namespace jabberd {

namespace {

using connection::Counters;
using Seconds = std::chrono::duration<double>;

// A family whose samples are tallies, and differ in one label.
struct Tallied {
    std::string_view name, help, label;
    std::vector<std::pair<std::string_view, Tally Counters::*>> tallies;
};

const std::vector<Tallied> &tallied()
{
    static const std::vector<Tallied> families{
        {"socket_manager_accepted", "Connections that were accepted.", "", {{"", &Counters::accepted}}},
        {"socket_manager_refused",
         "Connections that were closed at once, by the option or rule that they were against.",
         "reason",
         {{"connections-per-address", &Counters::too_many},
          {"attempts-per-second", &Counters::too_fast},
          {"not-allowed", &Counters::denied},
          {"not-trusted", &Counters::untrusted},
          {"bad-proxy-header", &Counters::bad_proxy_headers}}},
        {"socket_manager_accept_pauses",
         "How often no connection was accepted for lack of descriptors or memory.",
         "",
         {{"", &Counters::accept_pauses}}},
        {"socket_manager_limited",
         "How often a client was slowed down, refused more or ended, by the limit it had reached.",
         "limit",
         {{"rates", &Counters::throttled},
          {"turn", &Counters::postponed},
          {"stream-management", &Counters::too_much_unacknowledged},
          {"queue", &Counters::too_far_behind},
          {"memory", &Counters::ended_by_memory},
          {"memory-per-address", &Counters::ended_by_memory_per_address},
          {"allocation", &Counters::out_of_memory}}},
        {"socket_manager_http_requests",
         "HTTP requests, by whether a WebSocket was opened.",
         "result",
         {{"websocket", &Counters::websockets}, {"other", &Counters::http_answers}}},
        {"socket_manager_detached_sessions",
         "What became of sessions whose client was gone (XEP-0198).",
         "event",
         {{"detached", &Counters::detached}, {"resumed", &Counters::resumed}, {"expired", &Counters::expired}}},
        {"socket_manager_stanzas",
         "Stanzas of clients.",
         "direction",
         {{"in", &Counters::stanzas_in}, {"out", &Counters::stanzas_out}}},
        {"socket_manager_traffic_bytes",
         "Bytes of clients, inside of TLS.",
         "direction",
         {{"in", &Counters::bytes_in}, {"out", &Counters::bytes_out}}},
        {"socket_manager_returned_stanzas",
         "Stanzas that a client has not got, given back to the session manager.",
         "",
         {{"", &Counters::returned}}},
        {"socket_manager_malformed_packets",
         "Packets of the session manager that could not be given to a client.",
         "",
         {{"", &Counters::malformed_packets}}},
        {"socket_manager_threads_started",
         "How often an event loop got a thread of its own, for the first one's had no time left.",
         "",
         {{"", &Counters::threads_started}}},
    };
    return families;
}

// Connections by what they are.
class Connections {
public:
    void count(const connection::Census &one)
    {
        ++counts_[one.authenticated][one.websocket][one.tls];
        queued_ += one.queued;
    }

    void tell(MetricWriter &writer, std::size_t detached) const
    {
        constexpr std::array<std::array<std::string_view, 2>, 2> transports{
            {{"tcp", "tls"}, {"websocket", "websocket-tls"}}};
        writer.gauge("socket_manager_connections", "Connections, and sessions that wait for their client, by state.");
        for (std::size_t authenticated = 0; authenticated < 2; ++authenticated) {
            for (std::size_t websocket = 0; websocket < 2; ++websocket) {
                for (std::size_t tls = 0; tls < 2; ++tls)
                    writer.sample(counts_[authenticated][websocket][tls],
                                  {{"state", authenticated != 0 ? "authenticated" : "unknown"},
                                   {"transport", transports[websocket][tls]}});
            }
        }
        writer.sample(detached, {{"state", "detached"}, {"transport", "none"}});
        writer.gauge("socket_manager_queue_bytes", "What clients have not read yet.", queued_);
    }

private:
    std::array<std::array<std::array<std::uint64_t, 2>, 2>, 2> counts_{};
    std::uint64_t queued_ = 0;
};

void tell_certificates(const tls::Certificates &certificates, MetricWriter &writer)
{
    writer.gauge("socket_manager_certificate_expiry_timestamp_seconds",
                 "When a certificate is valid no longer, in Unix time.");
    for (const tls::Certificate &certificate : certificates.all())
        writer.sample(Seconds{certificate.not_after().time_since_epoch()}.count(),
                      {{"certificate", certificate.names().empty() ? "" : certificate.names().front()},
                       {"file", certificate.file()}});
}

// Of all workers together.
void add_to(DurationHistogram &sum, DurationHistogram &one)
{
    const auto numbers = one.numbers();
    for (std::size_t i = 0; i < numbers.size(); ++i)
        sum.numbers()[i].add(numbers[i].get());
}

} // namespace

void Component::metrics(MetricWriter &writer)
{
    Connections connections;
    std::size_t detached = 0;
    on_every_worker([&](workers::Worker &worker) {
        detached += worker.detached();
        worker.for_each([&](const connection::Connection &connection) { connections.count(connection.census()); });
    });
    connections.tell(writer, detached);
    for (const Tallied &family : tallied()) {
        writer.counter(family.name, family.help);
        for (const auto &[value, tally] : family.tallies) {
            if (family.label.empty())
                writer.sample(total(tally));
            else
                writer.sample(total(tally), {{family.label, value}});
        }
    }
    tell_logins(writer);
    writer.gauge("socket_manager_memory_bytes", "What clients make us hold: stanzas that are unread or unfinished.",
                 shared_.memory.held());
    writer.gauge("socket_manager_memory_limit_bytes", "How much that may be, by <memory/>; 0: there is no limit.",
                 options_->limits.memory);
    writer.gauge("socket_manager_threads", "Threads that serve the event loops.", threads_.count());
    writer.counter("socket_manager_loop_busy_seconds", "How long the thread of an event loop was not asleep.");
    for (std::size_t loop = 0; loop < workers_.size(); ++loop)
        writer.sample(Seconds{std::chrono::nanoseconds{workers_[loop]->loop().busy().get()}}.count(),
                      {{"loop", std::to_string(loop)}});
    if (certificates_ != nullptr)
        tell_certificates(*certificates_, writer);
}

void Component::tell_logins(MetricWriter &writer)
{
    writer.counter("socket_manager_logins", "Logins, by mechanism and by what the session manager has said.");
    for (std::size_t i = 0; i < session::counted_mechanisms.size(); ++i) {
        std::uint64_t accepted = 0, refused = 0;
        for (const auto &worker : workers_) {
            accepted += worker->counters().logins_by[i].accepted.get();
            refused += worker->counters().logins_by[i].refused.get();
        }
        writer.sample(accepted, {{"mechanism", session::counted_mechanisms[i]}, {"result", "accepted"}});
        writer.sample(refused, {{"mechanism", session::counted_mechanisms[i]}, {"result", "refused"}});
    }
    DurationHistogram login_time{connection::bounds::login}, deliver_time{connection::bounds::deliver};
    for (const auto &worker : workers_) {
        add_to(login_time, worker->counters().login_time);
        add_to(deliver_time, worker->counters().deliver_time);
    }
    writer.histogram("socket_manager_login_seconds", "From accept() until a client has its session.");
    writer.sample(login_time);
    writer.histogram("socket_manager_deliver_seconds",
                     "How long the host and the session manager take for a packet, of one in 64.");
    writer.sample(deliver_time);
}

} // namespace jabberd
