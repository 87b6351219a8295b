// SPDX-License-Identifier: LGPL-2.1-or-later
// What is left of root's powers when root has started the host.
#pragma once

#include <string>

namespace jabberd::host {

// Becomes USER, or USER:GROUP, with the groups of that user, and keeps one privilege: to open ports below 1024, which a
// reload or a swap may want (CAP_NET_BIND_SERVICE). No program that is started from here on gets more. For good, and
// for threads that are made afterwards; of those that there are already, the user. Does nothing when the process is
// that user.
// "" or why it cannot; then the process may be half of both, and has to end. [main]
std::string become_user(const std::string &user);

} // namespace jabberd::host
