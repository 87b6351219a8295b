// SPDX-License-Identifier: LGPL-2.1-or-later
#include "summary.h"

#include "base/descriptor_limit.h"
#include "host/commands/offered.h"
#include "host/control/reports.h"
#include "host/text/table.h"

#include <unistd.h>

#include <filesystem>

namespace jabberd::host {

namespace {

void append(std::string &list, std::string_view item)
{
    if (!list.empty())
        list += ", ";
    list += item;
}

std::string names_of(const LoadedService &loaded)
{
    std::string names;
    for (const std::string &name : loaded.config.names)
        append(names, name.empty() ? "every other name" : name);
    return names;
}

// Components tell where they listen under keys that begin with "listen" (inspect.h leaves the keys to them).
std::string listeners_of(const LoadedService &loaded)
{
    std::string listeners;
    for (const auto &[key, value] : status_of(loaded.service)) {
        if (key.starts_with("listen"))
            append(listeners, value);
    }
    return listeners;
}

} // namespace

std::string start_summary(const Host &host, const std::string &control_path, const std::optional<std::string> &metrics)
{
    Table table{{"service", "component", "answers for", "listens on"}};
    std::string all_listeners;
    for (const LoadedService &loaded : host.services()) {
        const jabberd_identity &identity = loaded.library->identity();
        const std::string listeners = listeners_of(loaded);
        if (!listeners.empty())
            append(all_listeners, listeners);
        table.add({loaded.config.id, std::string{identity.name} + " " + identity.version, names_of(loaded),
                   listeners.empty() ? "-" : listeners});
    }
    const std::string control =
        "jabberd-ctl --socket " + std::filesystem::absolute(control_path).lexically_normal().string();
    std::string out = "jabberd-host " SOCKET_MANAGER_VERSION ", process " + std::to_string(getpid()) + "\n\n" +
                      table.text("  ") + "\n";
    if (const auto limit = descriptor_limit())
        out += "  " + std::to_string(*limit) + " file descriptors, one for each client (ulimit -Hn)\n";
    if (metrics)
        out += "  Prometheus finds what is measured at http://" + *metrics + "/metrics\n";
    out += "  " + control + " status    what is running\n";
    out += "  " + control + " trace     every packet as it is routed\n";
    out += "  " + control + " stop      stop in order, as Ctrl-C does\n";
    for (const Advice &advice : advice_of(host))
        out += "  " + control + " " + advice.command + "    " + advice.purpose + "\n";
    if (!all_listeners.empty())
        out += "  connect an XMPP client to " + all_listeners + "\n";
    return out + "\nready: " + std::to_string(host.services().size()) +
           (host.services().size() == 1 ? " service\n" : " services\n");
}

} // namespace jabberd::host
