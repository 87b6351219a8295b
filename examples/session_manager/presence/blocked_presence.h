// SPDX-License-Identifier: LGPL-2.1-or-later
// What a change of the blocklist means for those who see the user's presence (XEP-0191 §3.3, §3.4).
#pragma once

#include "session_manager/core/core.h"

namespace jabberd::session_manager::presence {

// The user is about to block what `next` covers. Contacts and addresses of directed presence that it covers anew learn
// that the user is unavailable.
void hide_from_blocked(Core &core, LockedDirectory &locked, User &user, const Blocklist &next);

// The user has unblocked what `before` covered: contacts see the user again, and the user sees them.
void show_to_unblocked(Core &core, LockedDirectory &locked, User &user, const Blocklist &before);

} // namespace jabberd::session_manager::presence
