// SPDX-License-Identifier: LGPL-2.1-or-later
// Several queries that see the database as it is at one moment.
#pragma once

#include "session_manager/storage/database.h"

namespace jabberd::session_manager {

struct ReadingStatements {
    explicit ReadingStatements(Database &database_);

    Database &database;
    Statement begin, end;
};

// A transaction for the queries of its scope: another process changes nothing between them, and SQLite takes and
// releases its locks (two fcntl) once and not for each. Where a transaction is open already the queries are a part of
// that one. Nothing is changed in its scope.
class Reading {
public:
    explicit Reading(ReadingStatements &statements); // throws StorageError
    ~Reading();
    Reading(const Reading &) = delete;
    Reading &operator=(const Reading &) = delete;

private:
    ReadingStatements &statements_;
    const bool is_part_; // of a transaction that was open
};

} // namespace jabberd::session_manager
