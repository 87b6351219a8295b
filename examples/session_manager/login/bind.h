// SPDX-License-Identifier: LGPL-2.1-or-later
// Resource binding (RFC 6120 §7): from an authenticated connection to a session.
#pragma once

#include "session_manager/login/login_answer.h"

namespace jabberd::session_manager {

// Takes a packet of a connection that is authenticated, or says so: sto is a bare address, sfrom the connection.
// Never blocks; the answer comes as a packet.
void before_binding(Core &core, const jabberd_packet &packet);

// The connection is authenticated as that (prepared, bare) address, and is to bind a resource next.
void expect_binding(Core &core, LockedDirectory &locked, const std::string &connection, const std::string &address);

// Ends the connections that were to bind, as the sessions end that have done so.
void end_unbound(Core &core, LockedDirectory &locked);

} // namespace jabberd::session_manager
