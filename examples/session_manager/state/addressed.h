// SPDX-License-Identifier: LGPL-2.1-or-later
// From a full address to the session of that name.
#pragma once

#include "session_manager/state/locked_directory.h"

namespace jabberd::sessions {

// The session of the user that a packet's `to` names; null when `to` has no resource, or there is no such session.
Session *addressed_session(Turn &turn, const User &user, const jabberd_packet &packet);

} // namespace jabberd::sessions
