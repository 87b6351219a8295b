// SPDX-License-Identifier: LGPL-2.1-or-later
// Roster pushes (RFC 6121 §2.1.6).
#pragma once

#include "session_manager/roster/item.h"
#include "session_manager/state/locked_directory.h"

#include <string_view>

namespace jabberd::session_manager::roster {

// To all sessions that asked for the roster. When the user's roster has the change already: its version is told, too.
void push_item(LockedDirectory &locked, User &user, const RosterItem &item);
void push_removal(LockedDirectory &locked, User &user, std::string_view contact);

} // namespace jabberd::session_manager::roster
