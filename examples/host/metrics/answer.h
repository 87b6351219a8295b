// SPDX-License-Identifier: LGPL-2.1-or-later
// What a scraper is answered.
#pragma once

#include "metrics/request.h"

#include <functional>
#include <string>
#include <variant>

namespace jabberd::host {

// What there is to ask for.
struct Served {
    std::function<std::string(MetricFormat format)> text; // the metrics, asked for at each request
    bool has_page = false;                                // the status page, at "/"
};

// The whole answer, header and body.
std::string http_answer(const std::variant<ScrapeRequest, ScrapeRefusal> &request, const Served &served);

} // namespace jabberd::host
