// SPDX-License-Identifier: LGPL-2.1-or-later
// Families as text.
#pragma once

#include "host/metrics/families.h"

#include <string>

namespace jabberd::host {

enum class MetricFormat {
    Prometheus, // text format 0.0.4, which every scraper, promtool and node_exporter's textfile collector read
    OpenMetrics // 1.0.0
};

std::string to_text(const MetricFamilies &families, MetricFormat format);

} // namespace jabberd::host
