// SPDX-License-Identifier: LGPL-2.1-or-later
// `jabberd-ctl help`: the commands of jabberd-ctl itself, and those of the components that run.
#pragma once

#include "ctl/options.h"

namespace jabberd::ctl {

// All of them, or what `options` has behind "help". The exit status.
int show_help(const Options &options);

} // namespace jabberd::ctl
