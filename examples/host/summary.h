// SPDX-License-Identifier: LGPL-2.1-or-later
// What an operator sees when the host has started.
#pragma once

#include "host/host.h"

#include <optional>
#include <string>

namespace jabberd::host {

// What was loaded, what it answers for, where it listens, what to type next; and at the very end the line that begins
// with "ready", which scripts wait for.
std::string start_summary(const Host &host, const std::string &control_path, const std::optional<std::string> &metrics);

} // namespace jabberd::host
