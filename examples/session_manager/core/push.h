// SPDX-License-Identifier: LGPL-2.1-or-later
// Pushes: what a user's sessions are told of a change that one of them has made (RFC 6121 §2.1.6, XEP-0191 §3.3).
#pragma once

#include "session_manager/state/locked_directory.h"

#include <string_view>

namespace jabberd::session_manager {

// An iq set with this body, to each session of the user that wants it. The answers are not waited for.
void push(LockedDirectory &locked, const User &user, bool (*wants)(const Session &), std::string_view body);

} // namespace jabberd::session_manager
