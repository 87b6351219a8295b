// SPDX-License-Identifier: LGPL-2.1-or-later
// `jabberd-ctl accounts`: the one command of the session manager, and the actions that it has.
#pragma once

#include "session_manager/core/core.h"

#include <jabberd/commands.h>

namespace jabberd::session_manager::commands {

// The functions of jabberd_commands.
void list(jabberd_command_sink sink, void *data);
jabberd_command_result run(Core &core, const jabberd_command_call &call); // [command]
void complete(Core &core, const jabberd_command_call &call);              // [command]
void advise(Core &core, jabberd_advice_sink sink, void *data);            // [main] waits a second at most

} // namespace jabberd::session_manager::commands
