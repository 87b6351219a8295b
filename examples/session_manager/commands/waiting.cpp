// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/commands/waiting.h"

namespace jabberd::session_manager::commands {

StorageError error_of(StorageFailure why)
{
    switch (why) {
    case StorageFailure::Full: return StorageError{"the disk of the database is full", why};
    case StorageFailure::Locked: return StorageError{"the database is locked by another process", why};
    case StorageFailure::Memory: return StorageError{"there is no memory for it", why};
    case StorageFailure::Broken: break;
    }
    return StorageError{"the database failed; the log says why", why};
}

} // namespace jabberd::session_manager::commands
