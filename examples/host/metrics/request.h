// SPDX-License-Identifier: LGPL-2.1-or-later
// The request of a scraper: as much of HTTP (RFC 9112) as one page needs.
#pragma once

#include "host/metrics/exposition.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace jabberd::host {

struct ScrapeRequest {
    bool is_head = false; // wants the header only
    std::string path;     // without what follows a question mark
    MetricFormat format = MetricFormat::Prometheus;
};

struct ScrapeRefusal {
    unsigned status;
    std::string_view why; // a sentence for people
};

inline constexpr std::size_t longest_request = 8192; // of bytes, with its last line end

// Judges what a client has sent so far. Nothing: its header is not complete yet. What follows the header is not looked
// at, and no body is accepted.
std::optional<std::variant<ScrapeRequest, ScrapeRefusal>> read_request(std::string_view bytes);

// The better one of those that an Accept header has, all of its lines joined by commas; without any it is "".
MetricFormat preferred_format(std::string_view accept);

} // namespace jabberd::host
