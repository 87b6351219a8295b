// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/routing/host_functions.h"

#include "host/config/mistakes.h"
#include "host/routing/instance.h"
#include "host/routing/router.h"
#include "host/routing/service.h"

#include <jabberd/handover.h>

#include <cstring>

namespace jabberd::host {

// Behind this border no exception may pass (abi.h); what throws here is out of memory, and ends the process.
struct HostFunctions {
    static Instance &instance(const jabberd_host *host) { return *static_cast<Instance *>(host->host_data); }

    static const char *name(const Instance &instance) { return instance.service_.router_.host_name(); }

    static bool register_handler(const jabberd_host *host, jabberd_order order, jabberd_handler handler,
                                 void *data) noexcept
    {
        return instance(host).add_handler({order, handler, data});
    }

    static jabberd_delivery deliver(const jabberd_host *host, const jabberd_packet *packet) noexcept
    {
        Service &from = instance(host).service_;
        return from.router_.route(&from, *packet);
    }

    static void ready(const jabberd_host *host) noexcept { instance(host).service_.congestion_.end(); }

    static void log(const jabberd_host *host, const jabberd_log_record *record) noexcept
    {
        instance(host).log(*record);
    }

    static void report(const jabberd_host *host, const jabberd_config *at, jabberd_log_level level,
                       const char *message) noexcept
    {
        Mistake mistake{level, at->file, at->line, message};
        if (instance(host).mistakes_ == nullptr)
            return log_mistake(mistake);
        instance(host).mistakes_->add(std::move(mistake));
    }

    static const void *get_extension(const jabberd_host *host, const char *id) noexcept
    {
        static const char there = '\0'; // JABBERD_SUCCESSION has no functions
        return instance(host).is_successor_ && std::strcmp(id, JABBERD_SUCCESSION) == 0 ? &there : nullptr;
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
