// SPDX-License-Identifier: LGPL-2.1-or-later
// A log record as one line for programs.
#pragma once

#include "host/log/line.h"

#include <string>

namespace jabberd::host::log {

// {"time":"2026-12-01T15:17:42.123Z","level":"info","service":"c2s","message":"…","fields":{"connection":"12@c2s/1"}}
// and a line end, in at most max_line bytes. Always UTF-8: a byte that is none stands as \xff in the text, as in a line
// for people. What does not print is escaped, so that a reader on a terminal is safe as well. What is cut ends with
// '…', and where even names of fields have no room, "cut":true says that some are left out.
std::string to_json(const Line &line);

} // namespace jabberd::host::log
