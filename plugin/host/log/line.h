// SPDX-License-Identifier: LGPL-2.1-or-later
// A log record as one line for people.
#pragma once

#include <jabberd/log.h>

#include <span>
#include <string>
#include <string_view>

namespace jabberd::host::log {

struct LineField {
    std::string_view name;
    std::string_view value;
};

struct Line {
    std::string_view time; // "13:08:53.123"; empty: a configuration mistake, of which only the message is written
    jabberd_log_level level;
    std::string_view service;
    std::string_view message;
    std::span<const LineField> fields;
};

// "time level service: message key=value…\n". Nothing in it reaches a terminal raw: control characters are written out,
// values quoted where they are not plain words, and long ones cut.
std::string to_text(const Line &line, bool colour);

// Only "message key=value…", likewise.
std::string to_text(std::string_view message, std::span<const LineField> fields);

} // namespace jabberd::host::log
