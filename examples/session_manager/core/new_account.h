// SPDX-License-Identifier: LGPL-2.1-or-later
// A new account, whoever makes it.
#pragma once

#include "session_manager/core/options.h"
#include "session_manager/storage/storage.h"

#include <string>

namespace jabberd::session_manager {

// Stores it with the message that welcomes it. False: another one has that address. On the storage thread.
bool store_new_account(Storage &storage, const std::string &address, const Credentials &credentials,
                       const Options &options);

} // namespace jabberd::session_manager
