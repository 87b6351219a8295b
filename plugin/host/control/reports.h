// SPDX-License-Identifier: LGPL-2.1-or-later
// The answers of the control socket, as lines of JSON.
#pragma once

#include "host/config/mistakes.h"
#include "host/host.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jabberd::host {

// {"host":{…},"services":[{…,"details":{…}}]}
std::string status_report(const Host &host, std::chrono::seconds uptime);

// {"sessions":[{…}]}
std::string sessions_report(const Host &host);

// {"metrics":"# HELP …"}
std::string metrics_report(std::string_view text);

// {"reloaded":true,"messages":["file:line: …"]}
std::string reload_report(const Mistakes &mistakes);

// {"reopened":"/var/log/jabberd/jabberd.log"}
std::string reopen_report(std::string_view file);

// {"swapped":true,"service":"c2s","component":…,"version":…,"file":…,"pause_us":412,"messages":[…]}, or
// {"swapped":false,"step":"freeze","error":"…","messages":[…]}: the steps are those of swap/outcome.h.
std::string swap_report(const Host &host, std::string_view service, const SwapOutcome &outcome,
                        const Mistakes &mistakes);

// {"error":"…"}
std::string error_report(std::string_view message);

// What a component says of itself (inspect.h); nothing when it does not.
std::vector<std::pair<std::string, std::string>> status_of(const Service &service);

} // namespace jabberd::host
