// SPDX-License-Identifier: LGPL-2.1-or-later
// What `accounts` does, an action each. All run on the thread of the command, and throw StorageError.
#pragma once

#include "session_manager/commands/console.h"
#include "session_manager/core/core.h"

#include <span>
#include <string_view>

namespace jabberd::session_manager::commands {

using Arguments = std::span<const std::string_view>; // behind the action's name

jabberd_command_result list_accounts(Core &core, Console &console, Arguments arguments);
jabberd_command_result add_account(Core &core, Console &console, Arguments arguments);
jabberd_command_result remove_accounts(Core &core, Console &console, Arguments arguments);
jabberd_command_result set_password(Core &core, Console &console, Arguments arguments);
jabberd_command_result lock_accounts(Core &core, Console &console, Arguments arguments);
jabberd_command_result unlock_accounts(Core &core, Console &console, Arguments arguments);
jabberd_command_result export_accounts(Core &core, Console &console, Arguments arguments);
jabberd_command_result import_accounts(Core &core, Console &console, Arguments arguments);
jabberd_command_result rename_host_of_accounts(Core &core, Console &console, Arguments arguments);

// Words that a name could become: accounts that begin so.
void complete_account(Core &core, Console &console, std::string_view begun);

} // namespace jabberd::session_manager::commands
