// SPDX-License-Identifier: LGPL-2.1-or-later
// Listening sockets that the service manager has opened and passes to the process (sd_listen_fds(3)): ports that are
// open while a server restarts, and without a privilege of ours.
#pragma once

#include "base/unique_fd.h"
#include "net/socket_address.h"

#include <string>
#include <vector>

namespace jabberd::net {

// LISTEN_FDS and LISTEN_PID say which descriptors were passed. They are the only ones of the process that an exec()
// would leave open; who takes one changes that. So it is taken once, whichever component asks, in whichever image of
// its file. [main]

// The one that listens on this address and port. Nothing: none was passed, or it is taken. Throws std::system_error
// where one for [::] takes IPv4 as well, whose port it so keeps from a socket for that.
UniqueFd take_passed_listener(const SocketAddress &address);

// What was passed and not taken: "[::]:5222 (jabberd-host.socket)".
std::vector<std::string> passed_and_not_taken();

} // namespace jabberd::net
