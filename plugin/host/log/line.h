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

std::string_view level_name(jabberd_log_level level);

// No line is longer, with its end and its colours: what a pipe takes whole or not at all, also from two programs at
// once (PIPE_BUF, pipe(7)).
constexpr std::size_t max_line = 4096;

// "time level service: message key=value…\n". Nothing in it reaches a terminal raw: control characters are written out,
// values quoted where they are not plain words. What is too long ends with '…', never inside a character or an escape:
// the message first, then each value by the same measure, so that every field is still named.
std::string to_text(const Line &line, bool colour);

// Only "message key=value…", likewise.
std::string to_text(std::string_view message, std::span<const LineField> fields);

} // namespace jabberd::host::log
