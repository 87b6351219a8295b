// SPDX-License-Identifier: LGPL-2.1-or-later
// The end of an account, for good or until it is unlocked, whoever asks for it: its owner (XEP-0077), or an operator.
#pragma once

#include "session_manager/core/core.h"

#include <optional>
#include <string>

namespace jabberd::session_manager {

// What became of it. Nothing in `failure`: it is stored; `found` is false where there was no such account.
struct AccountChange {
    bool found = false;
    std::optional<StorageFailure> failure;
};
using OnAccountChange = MoveOnlyFunction<void(LockedDirectory &, const AccountChange &)>;

// Inside a change of the user's roster (LockedDirectory::change()). All that is stored goes with the account; when that
// is stored, `done` is called, contacts are told, and the sessions end.
void remove_account(Core &core, LockedDirectory &locked, User &user, Work work, OnAccountChange done);

// The same, of an account that cannot log in from then on, or can again. Sessions of one that is locked end.
void set_account_locked(Core &core, LockedDirectory &locked, User &user, bool is_locked, OnAccountChange done);

// A new account of that address was stored. Who is here under it still is of an earlier one, whose rows were deleted by
// other means than ours: nothing of that is left to the new one.
void account_was_made(Core &core, const std::string &address);

} // namespace jabberd::session_manager
