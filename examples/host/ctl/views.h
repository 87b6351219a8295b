// SPDX-License-Identifier: LGPL-2.1-or-later
// Answers of the host as text for people. Names and stanzas of clients are in them, so control characters are written
// out.
#pragma once

#include <json-glib/json-glib.h>

#include <cstdint>
#include <string>

namespace jabberd::ctl {

std::string status_view(JsonObject *answer);
std::string swap_view(JsonObject *answer); // of one that succeeded
std::string reopen_view(JsonObject *answer);
std::string sessions_view(JsonObject *answer);
std::string metrics_view(JsonObject *answer); // text for programs, as it is

// One packet of `trace`, or how many were lost: "13:08:53.123 c2s → sessions <message sto='…'…". With colour, the names
// and values of sto and sfrom stand out.
std::string trace_view(JsonObject *line, bool colour);

// "3d 04:05", "4:05:06", "5s"
std::string duration(std::uint64_t seconds);

// 412 microseconds: "0.4 ms"
std::string milliseconds(std::uint64_t microseconds);

// "812 B", "1.4 MiB"
std::string size(std::uint64_t bytes);

} // namespace jabberd::ctl
