// SPDX-License-Identifier: LGPL-2.1-or-later
// The commands that jabberd-ctl has by itself, and what is to be said of them.
#pragma once

#include <string>
#include <string_view>

namespace jabberd::ctl {

bool is_own_command(std::string_view word);

// All of them, a line each, and behind these what takes more than a line.
std::string own_commands();

// All about one.
std::string own_command(std::string_view word);

} // namespace jabberd::ctl
