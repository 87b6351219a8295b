// SPDX-License-Identifier: LGPL-2.1-or-later
// What must hold of the session manager whatever clients and other hosts send it.
#pragma once

#include "fuzz/properties.h"

namespace jabberd::fuzz {

// How far a script got, so that it can be seen that scripts get anywhere.
struct Reached {
    unsigned packets = 0, logins = 0, answers = 0;
};

// The session manager, with two accounts in a database of its own, is sent what the lines of a script ask for
// (session_script.h). No connection is given a session without a password of its account, or a packet of a session that
// it does not have; nothing that a connection sends goes out in the name of an account that it has not logged in as;
// every request is answered once; what leaves is well-formed, with both session attributes or none; no password is in
// the log or in a packet.
Failure sessions_are_kept_apart(std::string_view script, Reached *reached = nullptr);

} // namespace jabberd::fuzz
