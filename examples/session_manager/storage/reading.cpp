// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/storage/reading.h"

namespace jabberd::session_manager {

namespace {

bool has_open_transaction(const Database &database)
{
    return sqlite3_get_autocommit(database.handle()) == 0;
}

} // namespace

ReadingStatements::ReadingStatements(Database &database_)
    : database(database_), begin(database, "BEGIN"), end(database, "COMMIT")
{
}

Reading::Reading(ReadingStatements &statements)
    : statements_(statements), is_part_(has_open_transaction(statements.database))
{
    if (!is_part_)
        statements_.begin.run();
}

Reading::~Reading()
{
    if (is_part_ || !has_open_transaction(statements_.database)) // SQLite rolls back by itself without memory
        return;
    try {
        statements_.end.run();
    } catch (const StorageError &) { // there is nothing to write: only a reset is left to fail
        sqlite3_exec(statements_.database.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
}

} // namespace jabberd::session_manager
