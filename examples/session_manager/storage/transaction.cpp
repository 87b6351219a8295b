// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/storage/transaction.h"

namespace jabberd::session_manager {

TransactionStatements::TransactionStatements(Database &database_)
    : database(database_)
    , begin(database, "BEGIN IMMEDIATE")
    , commit(database, "COMMIT")
    , roll_back(database, "ROLLBACK")
    , save_point(database, "SAVEPOINT change")
    , release(database, "RELEASE change")
    , roll_back_to(database, "ROLLBACK TO change")
{
}

Transaction::~Transaction()
{
    roll_back();
}

void Transaction::roll_back() noexcept
{
    if (!begun_ || !is_open())
        return;
    lost_ = true;
    try {
        statements_.roll_back.run();
    } catch (const StorageError &) { // SQLite did it by itself
    }
}

void Transaction::begin_change()
{
    if (!begun_) {
        statements_.begin.run();
        begun_ = true;
    }
    statements_.save_point.run();
}

void Transaction::keep_change()
{
    statements_.release.run();
}

void Transaction::undo_change() noexcept
{
    try {
        if (is_open()) {
            statements_.roll_back_to.run();
            statements_.release.run();
        }
    } catch (const StorageError &) {
        lost_ = true;
    }
    lost_ = lost_ || (begun_ && !is_open()); // a full disk, an I/O error, no memory: all is rolled back
}

void Transaction::commit()
{
    if (!begun_)
        return;
    lost_ = true;
    statements_.commit.run();
    lost_ = begun_ = false;
}

bool Transaction::is_open() const
{
    return sqlite3_get_autocommit(statements_.database.handle()) == 0;
}

} // namespace jabberd::session_manager
