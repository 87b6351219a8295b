// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/routing/host_functions.h"

#include "base/view.h"
#include "host/config/mistakes.h"
#include "host/routing/instance.h"
#include "host/routing/router.h"
#include "host/routing/service.h"

#include <jabberd/domains.h>
#include <jabberd/handover.h>
#include <jabberd/routes.h>

#include <cstring>
#include <new>

namespace jabberd::host {

// Behind this border no exception may pass (abi.h); what throws here is out of memory, and ends the process where a
// packet would be lost.
struct HostFunctions {
    static Instance &instance(const jabberd_host *host) { return *static_cast<Instance *>(host->host_data); }

    static const char *name(const Instance &instance) { return instance.service_.router_.host_name(); }

    static bool register_handler(const jabberd_host *host, jabberd_order order, jabberd_handler handler,
                                 void *data) noexcept
    {
        return instance(host).add_handler({order, false, handler, data});
    }

    static jabberd_delivery deliver(const jabberd_host *host, const jabberd_packet *packet) noexcept
    {
        if (instance(host).is_abandoned())
            return JABBERD_DELIVERED;
        Service &from = instance(host).service_;
        return from.router_.route(&from, *packet);
    }

    static void ready(const jabberd_host *host) noexcept
    {
        if (!instance(host).is_abandoned())
            instance(host).service_.congestion_.end();
    }

    static void log(const jabberd_host *host, const jabberd_log_record *record) noexcept
    {
        try {
            instance(host).log(*record);
        } catch (const std::bad_alloc &) { // a line is the least that may be lost then
        }
    }

    static void report(const jabberd_host *host, const jabberd_config *at, jabberd_log_level level,
                       const char *message) noexcept
    {
        Mistake mistake{level, at->file, at->line, message};
        if (instance(host).mistakes_ == nullptr)
            return log_mistake(mistake);
        instance(host).mistakes_->add(std::move(mistake));
    }

    static bool claim(const jabberd_host *host) noexcept { return instance(host).claim(); }

    static jabberd_claim claim_name(const jabberd_host *host, jabberd_view name) noexcept
    {
        Service &service = instance(host).service_;
        return instance(host).is_abandoned() ? JABBERD_NAME_TAKEN : service.router_.claim(service, text(name));
    }

    static void give_up_name(const jabberd_host *host, jabberd_view name) noexcept
    {
        Service &service = instance(host).service_;
        if (!instance(host).is_abandoned())
            service.router_.give_up_claim(service, text(name));
    }

    static void set_congested(const jabberd_host *host, jabberd_view name, bool is_congested)
    {
        Service &service = instance(host).service_;
        if (!instance(host).is_abandoned())
            service.router_.set_congested(service, text(name), is_congested);
    }
    static void name_congested(const jabberd_host *host, jabberd_view name) noexcept
    {
        set_congested(host, name, true);
    }
    static void name_ready(const jabberd_host *host, jabberd_view name) noexcept { set_congested(host, name, false); }

    static void names(const jabberd_host *host, jabberd_name_sink sink, void *data) noexcept
    {
        const Service &service = instance(host).service_;
        for (const std::string &name : service.router_.names_besides(service))
            sink(data, view(name));
    }

    static void domains(const jabberd_host *host, jabberd_name_sink sink, void *data) noexcept
    {
        for (const std::string &name : instance(host).service_.router_.domains())
            sink(data, view(name));
    }

    static const void *get_extension(const jabberd_host *host, const char *id) noexcept
    {
        static const char there = '\0'; // JABBERD_SUCCESSION has no functions
        static const jabberd_takeover takeover{sizeof takeover, claim};
        static const jabberd_routes routes{sizeof routes, claim_name, give_up_name, name_congested, name_ready, names};
        static const jabberd_domains all_domains{sizeof all_domains, domains};
        Instance &asking = instance(host);
        if (std::strcmp(id, JABBERD_TAKEOVER) == 0 && asking.claim_ != Instance::Claim::None) {
            asking.knows_claims_ = true;
            return &takeover;
        }
        if (std::strcmp(id, JABBERD_ROUTES) == 0)
            return &routes;
        if (std::strcmp(id, JABBERD_DOMAINS) == 0)
            return &all_domains;
        return asking.is_successor_ && std::strcmp(id, JABBERD_SUCCESSION) == 0 ? &there : nullptr;
    }
};

jabberd_host host_for(Instance &instance, const char *id, const std::vector<const char *> &names)
{
    jabberd_host host{};
    host.size = sizeof host;
    host.name = HostFunctions::name(instance);
    host.version = SOCKET_MANAGER_VERSION;
    host.id = id;
    host.names = names.data();
    host.name_count = names.size();
    host.host_data = &instance;
    host.register_handler = HostFunctions::register_handler;
    host.deliver = HostFunctions::deliver;
    host.ready = HostFunctions::ready;
    host.log = HostFunctions::log;
    host.report = HostFunctions::report;
    host.get_extension = HostFunctions::get_extension;
    return host;
}

} // namespace jabberd::host
