// SPDX-License-Identifier: LGPL-2.1-or-later
#include "routing/host_functions.h"

#include "base/view.h"
#include "config/mistakes.h"
#include "log/log.h"
#include "routing/router.h"
#include "routing/service.h"

namespace jabberd::host {

// Behind this border no exception may pass (abi.h); what throws here is out of memory, and ends the process.
struct HostFunctions {
    static Service &service(const jabberd_host *host) { return *static_cast<Service *>(host->host_data); }

    static bool register_handler(const jabberd_host *host, jabberd_order order, jabberd_handler handler,
                                 void *data) noexcept
    {
        return service(host).add_handler({order, handler, data});
    }

    static jabberd_delivery deliver(const jabberd_host *host, const jabberd_packet *packet) noexcept
    {
        Service &from = service(host);
        return from.router_.route(&from, *packet);
    }

    static void ready(const jabberd_host *host) noexcept { service(host).congestion_.end(); }

    static void log(const jabberd_host *host, const jabberd_log_record *record) noexcept
    {
        if (log::enabled(record->level))
            log::write(record->level, service(host).id_, text(record->message), {record->fields, record->field_count});
    }

    static void report(const jabberd_host *host, const jabberd_config *at, jabberd_log_level level,
                       const char *message) noexcept
    {
        Mistake mistake{level, at->file, at->line, message};
        if (service(host).mistakes_ == nullptr)
            return log::write(mistake);
        service(host).mistakes_->add(std::move(mistake));
    }

    static const void *get_extension(const jabberd_host *, const char *) noexcept { return nullptr; }
};

jabberd_host host_for(Service &service, const char *id, const std::vector<const char *> &names)
{
    jabberd_host host{};
    host.size = sizeof host;
    host.name = "jabberd-host";
    host.version = SOCKET_MANAGER_VERSION;
    host.id = id;
    host.names = names.data();
    host.name_count = names.size();
    host.host_data = &service;
    host.register_handler = HostFunctions::register_handler;
    host.deliver = HostFunctions::deliver;
    host.ready = HostFunctions::ready;
    host.log = HostFunctions::log;
    host.report = HostFunctions::report;
    host.get_extension = HostFunctions::get_extension;
    return host;
}

} // namespace jabberd::host
