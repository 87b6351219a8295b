// SPDX-License-Identifier: LGPL-2.1-or-later
// How large a roster may become.
#pragma once

#include "session_manager/core/core.h"

#include <string_view>

namespace jabberd::session_manager::roster {

// Why an item is refused, for people.
inline constexpr std::string_view too_large = "Your contact list has no room for more";

// Whether the item may take its place in the user's roster: only what makes it larger is refused, so that one which
// has too much already can still be changed.
bool has_room(Core &core, LockedDirectory &locked, User &user, const RosterItem &item);

} // namespace jabberd::session_manager::roster
