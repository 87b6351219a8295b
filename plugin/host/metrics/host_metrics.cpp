// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/metrics/host_metrics.h"

#include "host/log/log.h"
#include "host/metrics/process_metrics.h"

#include <chrono>

namespace jabberd::host {

namespace {

using Seconds = std::chrono::duration<double>;

constexpr std::size_t most_complaints = 64; // a component that invents names must not fill the memory

void tell_packets(const Host &host, MetricWriter &writer)
{
    writer.counter("jabberd_packets", "Packets that a service was given, by their kind and what it did with them.");
    for (const LoadedService &loaded : host.services()) {
        for (std::size_t kind = 0; kind < packet_kinds.size(); ++kind) {
            for (std::size_t result = 0; result < packet_results.size(); ++result)
                writer.sample(
                    loaded.service.packets().get(static_cast<PacketKind>(kind), static_cast<PacketResult>(result)),
                    {{"service", loaded.config.id}, {"kind", packet_kinds[kind]}, {"result", packet_results[result]}});
        }
    }
    writer.counter("jabberd_packets_unroutable", "Packets that no service answers for, or that went round in a circle.",
                   host.unroutable());
    writer.gauge("jabberd_packets_waiting", "Packets that wait for a service that is swapped or takes one at a time.");
    for (const LoadedService &loaded : host.services())
        writer.sample(loaded.service.waiting().packets, {{"service", loaded.config.id}});
    writer.gauge("jabberd_packets_waiting_bytes", "Size of the packets that wait.");
    for (const LoadedService &loaded : host.services())
        writer.sample(loaded.service.waiting().bytes, {{"service", loaded.config.id}});
}

void tell_services(const Host &host, MetricWriter &writer)
{
    writer.gauge("jabberd_service_info", "The component that runs as a service.");
    for (const LoadedService &loaded : host.services()) {
        const jabberd_identity &identity = loaded.library->identity();
        writer.sample(1.0,
                      {{"service", loaded.config.id}, {"component", identity.name}, {"version", identity.version}});
    }
    writer.gauge("jabberd_service_running", "1, or 0 for a service that a failed swap has stopped.");
    for (const LoadedService &loaded : host.services())
        writer.sample(loaded.service.instance() != nullptr ? 1.0 : 0.0, {{"service", loaded.config.id}});
    writer.gauge("jabberd_service_start_time_seconds", "Since when the component runs, in Unix time.");
    for (const LoadedService &loaded : host.services())
        writer.sample(Seconds{loaded.since.time_since_epoch()}.count(), {{"service", loaded.config.id}});
}

void tell_swaps(const Host &host, MetricWriter &writer)
{
    writer.counter("jabberd_swaps", "Attempts to swap a component, by how they ended.");
    for (const LoadedService &loaded : host.services()) {
        writer.sample(loaded.swaps.done, {{"service", loaded.config.id}, {"result", "done"}});
        writer.sample(loaded.swaps.failed, {{"service", loaded.config.id}, {"result", "failed"}});
    }
    writer.gauge("jabberd_last_swap_pause_seconds", "How long packets waited for the last swap that was done.");
    for (const LoadedService &loaded : host.services()) {
        if (loaded.swaps.done > 0)
            writer.sample(Seconds{loaded.swaps.last_pause}.count(), {{"service", loaded.config.id}});
    }
    writer.gauge("jabberd_images_left", "Components that were unloaded and are still in memory.", host.images_left());
}

} // namespace

void HostMetrics::tell(const Host &host, MetricWriter &writer) const
{
    const std::string abi = std::to_string(JABBERD_ABI_MAJOR) + "." + std::to_string(JABBERD_ABI_MINOR);
    writer.gauge("jabberd_build_info", "The host.");
    writer.sample(1.0, {{"host", host.name()}, {"version", SOCKET_MANAGER_VERSION}, {"abi", abi}});
    writer.counter("jabberd_reloads", "How often the configuration was read again.");
    writer.sample(reloads_complete_, {{"result", "complete"}});
    writer.sample(reloads_with_mistakes_, {{"result", "mistakes"}});
    tell_services(host, writer);
    tell_packets(host, writer);
    tell_swaps(host, writer);
    tell_process(writer);
}

std::string HostMetrics::text(const Host &host, MetricFormat format)
{
    MetricFamilies families;
    families.collect(
        [&](const jabberd_metric_sink &sink) {
            MetricWriter writer{sink};
            tell(host, writer);
        },
        "", "", [&](const std::string &what) { complain("host", what); });
    for (const LoadedService &loaded : host.services()) {
        const auto *metrics = static_cast<const jabberd_metrics *>(loaded.service.extension(JABBERD_METRICS));
        if (metrics == nullptr)
            continue;
        families.collect([&](const jabberd_metric_sink &sink) { metrics->collect(loaded.service.instance(), &sink); },
                         metric_prefix(loaded.library->identity().name), loaded.config.id,
                         [&](const std::string &what) { complain(loaded.config.id, what); });
    }
    return to_text(families, format);
}

void HostMetrics::complain(const std::string &service, const std::string &what)
{
    if (complained_.size() < most_complaints && complained_.insert(service + " " + what).second)
        log::write(JABBERD_LOG_WARNING, service, "a metric is against the rules: " + what + ", ignoring");
}

} // namespace jabberd::host
