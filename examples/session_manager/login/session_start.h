// SPDX-License-Identifier: LGPL-2.1-or-later
// Where every session begins, whichever way its user has proven who he is.
#pragma once

#include "session_manager/core/core.h"

#include <optional>
#include <string>

namespace jabberd::session_manager {

// One of the two.
struct SessionStart {
    Session *session = nullptr;
    std::optional<Condition> refusal;
};

// Begins a session of the connection under that (prepared) resource; one that has the name already ends. Whoever calls
// gives the session its first packet in the same turn, ahead of whatever others have for it.
SessionStart begin_session(Core &core, Turn &turn, User &user, const std::string &resource,
                           const std::string &connection);

} // namespace jabberd::session_manager
