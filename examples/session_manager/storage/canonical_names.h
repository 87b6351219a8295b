// SPDX-License-Identifier: LGPL-2.1-or-later
// Names in a database from before RFC 8265: what was prepared with Unicode 3.2 gets the form that it has today.
#pragma once

#include "session_manager/storage/database.h"

namespace jabberd::session_manager {

// Accounts and contacts whose address is prepared to another one now are called by that one. An account whose new name
// is another account's keeps the old one. Throws StorageError. Inside a transaction.
void make_names_canonical(Database &database);

} // namespace jabberd::session_manager
