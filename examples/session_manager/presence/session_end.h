// SPDX-License-Identifier: LGPL-2.1-or-later
// The end of a session, for whatever reason.
#pragma once

#include "session_manager/core.h"

#include <string_view>

namespace jabberd::sessions {

enum class Notice { Send, Omit }; // a 510 to the connection; omitted when the end was learned from it

// Everybody who knew of the session learns of its end, then it is forgotten. `reason` is a constant, for the log.
void end_session(Core &core, Turn &turn, Session &session, std::string_view reason, Notice notice);

} // namespace jabberd::sessions
