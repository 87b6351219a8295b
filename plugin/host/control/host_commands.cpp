// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/control/host_commands.h"

#include "host/commands/offered.h"
#include "host/config/log_settings.h"
#include "host/control/completion.h"
#include "host/control/reports.h"
#include "host/control/words.h"
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

std::string HostCommands::reopen()
{
    const std::optional<LogFile> &file = hosted().settings().log_file;
    if (!file)
        return error_report("there is no log file; <log file='…'/> in the configuration names one");
    if (std::string why; !reopen_log(*file, why)) {
        const std::string message = "the log file " + file->path + " cannot be opened again: " + why;
        log::write(JABBERD_LOG_ERROR, "host", message + "; what was open is written to");
        return error_report(message);
    }
    log::write(JABBERD_LOG_NOTICE, "host", "the log file was opened again");
    return reopen_report(file->path);
}

std::string HostCommands::swap(std::string_view service, std::string_view file)
{
    Mistakes mistakes;
    const Configuration configuration = configuration_now(mistakes);
    const SwapOutcome outcome = hosted().swap(service, file, configuration, mistakes);
    mistakes.log();
    return swap_report(hosted(), service, outcome, mistakes);
}

std::string HostCommands::offered()
{
    return offered_report(offered_commands(hosted()));
}

std::shared_ptr<CommandTalk> HostCommands::begin(std::string_view words, CommandLine::Purpose purpose,
                                                 std::string &refusal)
{
    auto given = split_words(words);
    if (!given) {
        refusal = error_report("the arguments cannot be read");
        return nullptr;
    }
    const auto commands = offered_commands(hosted());
    if (purpose == CommandLine::Purpose::Complete && is_completed_by_host(*given)) {
        refusal = completion_report(completions(hosted(), commands, *given));
        return nullptr;
    }
    const OfferedCommand *command = find_command(commands, given->front());
    if (command == nullptr) {
        refusal = error_report(unknown_command(commands, given->front()));
        return nullptr;
    }
    given->erase(given->begin());
    auto talk = begin_command(hosted(), *command, std::move(*given), purpose);
    if (talk == nullptr)
        refusal = error_report("there is no thread to run it on");
    return talk;
}

} // namespace jabberd::host
