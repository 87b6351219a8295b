// SPDX-License-Identifier: LGPL-2.1-or-later
// What a scraper is answered.
#pragma once

#include "metrics/request.h"

#include <functional>
#include <string>
#include <variant>

namespace jabberd::host {

using MetricsText = std::function<std::string(MetricFormat format)>;

// The whole answer, header and body. `text` is called for a page that has the metrics.
std::string http_answer(const std::variant<ScrapeRequest, ScrapeRefusal> &request, const MetricsText &text);

} // namespace jabberd::host
