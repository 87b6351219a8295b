// SPDX-License-Identifier: LGPL-2.1-or-later
// Which account an operator means.
#pragma once

#include "session_manager/commands/console.h"
#include "session_manager/core/core.h"

#include <optional>
#include <string>
#include <string_view>

namespace jabberd::session_manager::commands {

// The prepared address for "alice@foo.com", or for "alice" where there is one host only. `New`: a name as it may be
// given to an account today (accounts/naming.h). Nothing after a complaint. [any-thread]
enum class NameOf { Any, New };
std::optional<std::string> account_address(const Core &core, Console &console, std::string_view given, NameOf account);

// Those that are named in the configuration: "foo.com, bar.com".
std::string names_of_hosts(const Core &core);

// The host, prepared, where accounts of it are kept here.
std::optional<std::string> own_host(const Core &core, std::string_view given);

} // namespace jabberd::session_manager::commands
