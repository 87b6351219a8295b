// SPDX-License-Identifier: LGPL-2.1-or-later
// What a connection may ask before it has logged in.
#pragma once

#include "session_manager/core/core.h"

namespace jabberd::session_manager {

// Takes a packet that a connection sends before login: sto is a host, sfrom the connection. Never blocks; the answer
// comes as a packet.
void before_login(Core &core, const jabberd_packet &packet);

} // namespace jabberd::session_manager
