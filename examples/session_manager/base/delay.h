// SPDX-License-Identifier: LGPL-2.1-or-later
// Since when a message has waited: XEP-0203, and XEP-0091 for old clients.
#pragma once

#include <libxml/tree.h>

#include <ctime>
#include <string>
#include <string_view>

namespace jabberd::session_manager {

// 2026-01-31T23:59:59Z, and 20260131T23:59:59. [any-thread]
std::string date_time(std::time_t time);
std::string legacy_date_time(std::time_t time);

// Appends both elements, saying that `host` kept the message since `time`.
void append_delay(std::string &body, std::string_view host, std::time_t time);

// Whether the packet (the root of its body's tree) says so already, in the name of that host.
bool has_delay(const xmlNode *packet, std::string_view host);

} // namespace jabberd::session_manager
