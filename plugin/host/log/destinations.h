// SPDX-License-Identifier: LGPL-2.1-or-later
// Where a record of GLib's ends: a file, the journal, or standard error. What of that is for others is in log.h.
#pragma once

#include <jabberd/log.h>

#include <glib.h>

#include <chrono>
#include <span>
#include <string_view>

namespace jabberd::host::log {

// [main] Once, while there are descriptors.
void open_destinations();

// [any-thread] Never blocks.
void write_record(GLogLevelFlags flags, std::span<const GLogField> fields);

// [any-thread] Waits until all is written, on standard output as well, but no longer than this.
void flush_all(std::chrono::milliseconds patience);

jabberd_log_level our_level(GLogLevelFlags flags);
std::string_view value_of(const GLogField &field);

} // namespace jabberd::host::log
