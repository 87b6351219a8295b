// SPDX-License-Identifier: LGPL-2.1-or-later
// Messages for users who have no session that takes them.
#pragma once

#include "session_manager/core/core.h"

namespace jabberd::session_manager::offline {

// Stores a message that is to be kept (keeping_of), stamped with the time (XEP-0203). Refused when it is not, when the
// user has as many as may be stored, or when the database fails; only chat states are dropped.
void store(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &message, Admission admission);

// Gives a user who takes messages what was stored meanwhile. Until that is done, all other packets for the user wait,
// so order is kept.
void deliver_stored(Core &core, LockedDirectory &locked, User &user);

} // namespace jabberd::session_manager::offline
