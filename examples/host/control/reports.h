// SPDX-License-Identifier: LGPL-2.1-or-later
// The answers of the control socket, as lines of JSON.
#pragma once

#include "config/mistakes.h"
#include "host.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace jabberd::host {

// {"host":{…},"services":[{…,"details":{…}}]}
std::string status_report(const Host &host, std::chrono::seconds uptime);

// {"sessions":[{…}]}
std::string sessions_report(const Host &host);

// {"reloaded":true,"messages":["file:line: …"]}
std::string reload_report(const Mistakes &mistakes);

// What a component says of itself (inspect.h); nothing when it does not.
std::vector<std::pair<std::string, std::string>> status_of(const Service &service);

} // namespace jabberd::host
