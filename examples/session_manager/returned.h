// SPDX-License-Identifier: LGPL-2.1-or-later
// What comes back from connections: the end of a session, and messages that were not written.
#pragma once

#include "session_manager/core/core.h"

namespace jabberd::session_manager {

// A 510 from a connection: its session is over. What it may hide is a stanza that was not written; several may follow
// each other, and some come when another session has the name already. [any-thread]
void take_returned(Core &core, const jabberd_packet &packet);

} // namespace jabberd::session_manager
