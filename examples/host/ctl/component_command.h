// SPDX-License-Identifier: LGPL-2.1-or-later
// A command that a component offers: its output, its errors, what it asks for, and its exit status.
#pragma once

#include "ctl/client.h"
#include "ctl/options.h"

namespace jabberd::ctl {

// Begins it at the host, and stays until it has ended. `word` is `run` or `complete`. The exit status: that of the
// command, or 1 after explaining on standard error what is in the way.
int run_component_command(const Options &options, const char *word);

} // namespace jabberd::ctl
