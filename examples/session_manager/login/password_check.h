// SPDX-License-Identifier: LGPL-2.1-or-later
// A password that was sent to us, against what is kept of it.
#pragma once

#include "session_manager/core/core.h"

#include <string>
#include <string_view>

namespace jabberd::session_manager {

// In whose turn a password is checked: those that one network address sends for one account, or for all that do not
// exist (""), wait for each other.
inline Turn turn_of_check(const Work &work, const std::string &account)
{
    return {work.turn().group, account};
}

// Whether the password, as the client gave it, is that of the account in one of its forms; where digest login is
// configured that is kept from now on, for accounts that were made while it was not. [hashing threads]
bool password_matches(Core &core, const std::string &address, const Credentials &credentials, std::string_view given);

} // namespace jabberd::session_manager
