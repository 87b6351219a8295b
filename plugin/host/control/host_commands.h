// SPDX-License-Identifier: LGPL-2.1-or-later
// What the control socket asks of a host, whatever program or server that host is in.
#pragma once

#include "host/control/commands.h"
#include "host/host.h"
#include "host/metrics/host_metrics.h"

#include <chrono>

namespace jabberd::host {

// [main] What is left to say is what this one reloads, and how it stops.
class HostCommands : public Commands {
public:
    std::string status() override;
    std::string sessions() override;
    std::string metrics() override;
    std::string reload() override;
    std::string reopen() override;
    std::string swap(std::string_view service, std::string_view file) override;
    std::string offered() override;
    std::shared_ptr<CommandTalk> begin(std::string_view words, CommandLine::Purpose purpose,
                                       std::string &refusal) override;

protected:
    ~HostCommands() = default;
    virtual Host &hosted() = 0;

    // The configuration as it is in the file now. What is wrong with it is in `mistakes`.
    virtual Configuration configuration_now(Mistakes &mistakes) = 0;

    // Reads the configuration anew and hands it to the host. What is wrong with it is in `mistakes`, and logged by
    // reload().
    virtual void reload_host(Mistakes &mistakes) = 0;

    std::string metrics_text(MetricFormat format) { return metrics_.text(hosted(), format); }

private:
    HostMetrics metrics_;
    const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

} // namespace jabberd::host
