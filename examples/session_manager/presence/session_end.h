// SPDX-License-Identifier: LGPL-2.1-or-later
// The end of a session, for whatever reason.
#pragma once

#include "packet/notice.h"
#include "session_manager/core/core.h"

#include <optional>
#include <string_view>

namespace jabberd::session_manager {

// Contacts and the connection learn of the end, then the session is forgotten. `reason` is a constant, for the log;
// `end` is what the client is told in a 510. Nothing: the end was learned from the connection.
void end_session(Core &core, LockedDirectory &locked, Session &session, std::string_view reason,
                 std::optional<packet::EndReason> end);

} // namespace jabberd::session_manager
