// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/control/host_commands.h"

#include "host/control/reports.h"
#include "host/log/log.h"

namespace jabberd::host {

std::string HostCommands::status()
{
    return status_report(hosted(),
                         std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin_));
}

std::string HostCommands::sessions()
{
    return sessions_report(hosted());
}

// In the format that promtool and node_exporter's textfile collector read.
std::string HostCommands::metrics()
{
    return metrics_report(metrics_text(MetricFormat::Prometheus));
}

std::string HostCommands::reload()
{
    Mistakes mistakes;
    reload_host(mistakes);
    metrics_.reloaded(!mistakes.fatal());
    mistakes.log();
    log::write(mistakes.fatal() ? JABBERD_LOG_ERROR : JABBERD_LOG_NOTICE, "host",
               mistakes.fatal() ? "the configuration has mistakes; what has them goes on as it was"
                                : "configuration reloaded");
    return reload_report(mistakes);
}

std::string HostCommands::swap(std::string_view service, std::string_view file)
{
    Mistakes mistakes;
    const Configuration configuration = configuration_now(mistakes);
    const SwapOutcome outcome = hosted().swap(service, file, configuration, mistakes);
    mistakes.log();
    return swap_report(hosted(), service, outcome, mistakes);
}

} // namespace jabberd::host
