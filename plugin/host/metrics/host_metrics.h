// SPDX-License-Identifier: LGPL-2.1-or-later
// What Prometheus is told: by the components, by the host, and of the process.
#pragma once

#include "base/metric_writer.h"
#include "host/host.h"
#include "host/metrics/exposition.h"

#include <cstdint>
#include <set>
#include <string>

namespace jabberd::host {

// [main]
class HostMetrics {
public:
    // The configuration was read again; `complete`: without a mistake.
    void reloaded(bool complete) { ++(complete ? reloads_complete_ : reloads_with_mistakes_); }

    // Asks every component. What one tells against the rules is left out, and logged once.
    std::string text(const Host &host, MetricFormat format);

private:
    void tell(const Host &host, MetricWriter &writer) const;
    void complain(const std::string &service, const std::string &what);

    std::uint64_t reloads_complete_ = 0, reloads_with_mistakes_ = 0;
    std::set<std::string> complained_;
};

} // namespace jabberd::host
