// SPDX-License-Identifier: LGPL-2.1-or-later
// The tables, and how an older file gets them.
#pragma once

#include "session_manager/storage/database.h"

namespace jabberd::session_manager {

inline constexpr int newest_schema = 5;

// Sets the connection up and brings the file to the newest version. Throws StorageError, also for a file of a newer
// program.
void prepare_schema(Database &database);

} // namespace jabberd::session_manager
