// SPDX-License-Identifier: LGPL-2.1-or-later
// Where every session begins, after a login of any kind.
#pragma once

#include "session_manager/core/core.h"

#include <optional>
#include <string>

namespace jabberd::session_manager {

// One of the two.
struct SessionStart {
    Session *session = nullptr;
    std::optional<Condition> error;
};

// Begins a session of the connection under that (prepared) resource; a session that has the name already ends. The
// caller gives the session its first packet before it unlocks the directory, so that no other packet is ahead of it.
SessionStart begin_session(Core &core, LockedDirectory &locked, User &user, const std::string &resource,
                           const std::string &connection);

} // namespace jabberd::session_manager
