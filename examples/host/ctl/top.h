// SPDX-License-Identifier: LGPL-2.1-or-later
// `jabberd-ctl top`: the host, looked at each second.
#pragma once

#include <string>

namespace jabberd::ctl {

// Until the operator leaves. Where there is no terminal one look is printed, of the busiest clients of one second.
// Returns the exit status, after explaining on standard error what is wrong.
int top(const std::string &socket);

} // namespace jabberd::ctl
