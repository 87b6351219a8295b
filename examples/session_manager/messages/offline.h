// SPDX-License-Identifier: LGPL-2.1-or-later
// Messages for users who are not here.
#pragma once

#include "session_manager/core/core.h"

namespace jabberd::session_manager::offline {

// Stores a message that is to be kept (keeping_of), stamped with the time (XEP-0203). Refused when it is not, when the
// user has as many as may be stored, or when the database fails; only chat states are dropped.
void store(Core &core, Turn &turn, User &user, const jabberd_packet &message);

// Gives a user who takes messages what was stored for him. Until that is done, whatever else comes for him waits, so
// order is kept.
void deliver_stored(Core &core, Turn &turn, User &user);

} // namespace jabberd::session_manager::offline
