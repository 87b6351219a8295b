// SPDX-License-Identifier: LGPL-2.1-or-later
// A transaction that several changes share, and that one of them can leave without the others.
#pragma once

#include "session_manager/storage/database.h"

namespace jabberd::session_manager {

struct TransactionStatements {
    explicit TransactionStatements(Database &database_);

    Database &database;
    Statement begin, commit, roll_back, save_point, release, roll_back_to;
};

// Begins with the first change; rolled back when it goes before its commit().
class Transaction {
public:
    explicit Transaction(TransactionStatements &statements) : statements_(statements) {}
    ~Transaction();
    Transaction(const Transaction &) = delete;
    Transaction &operator=(const Transaction &) = delete;

    // Around each change. What begin_change() throws is not of the change. [not after is_lost()]
    void begin_change();
    void keep_change();
    void undo_change() noexcept;

    void commit(); // throws StorageError; is_lost() then
    void roll_back() noexcept;

    // SQLite, or a failed commit(), has rolled back what was changed before.
    bool is_lost() const { return lost_; }

private:
    bool is_open() const;

    TransactionStatements &statements_;
    bool begun_ = false, lost_ = false;
};

} // namespace jabberd::session_manager
