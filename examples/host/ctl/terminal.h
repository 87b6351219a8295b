// SPDX-License-Identifier: LGPL-2.1-or-later
// A secret from the operator's terminal.
#pragma once

#include "base/secret.h"

#include <optional>
#include <string>

namespace jabberd::ctl {

// Asks with `prompt`, reads a line without echo, and leaves the terminal as it was, also when a signal ends the program
// meanwhile. Nothing at the end of the input, and after explaining on standard error that the terminal cannot be used.
std::optional<Secret> ask_without_echo(const std::string &prompt);

} // namespace jabberd::ctl
