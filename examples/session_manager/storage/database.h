// SPDX-License-Identifier: LGPL-2.1-or-later
// SQLite with owners: a database, its prepared statements, and the rows they yield.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace jabberd::session_manager {

enum class StorageFailure : std::uint8_t {
    Full,   // the disk
    Locked, // by another process
    Memory,
    Broken, // anything else
};

// What SQLite said. On the storage thread it is caught there; what waits for a job of that thread gets its own.
class StorageError : public std::runtime_error {
public:
    explicit StorageError(const std::string &message, StorageFailure why = StorageFailure::Broken)
        : std::runtime_error(message), why_(why)
    {
    }

    StorageFailure why() const { return why_; }

private:
    StorageFailure why_;
};

// Bytes that are not text.
struct Blob {
    std::string_view bytes;
};

// One connection, used by one thread at a time. Every function throws StorageError.
class Database {
public:
    enum class Access {
        Full,      // made when it is not there; readable by its owner only
        ReadsOnly, // no file is made; another process may have it open
    };
    explicit Database(const std::string &path, Access wanted = Access::Full);
    void execute(const char *sql);
    int changes() const { return sqlite3_changes(handle_.get()); }
    sqlite3 *handle() const { return handle_.get(); }

private:
    void open(const std::string &path, int flags);

    struct Closer {
        void operator()(sqlite3 *handle) const { sqlite3_close(handle); }
    };
    std::unique_ptr<sqlite3, Closer> handle_;
};

// The rows of one run of a statement; the statement is reset when it goes. Text is borrowed until the next next().
class Rows {
public:
    explicit Rows(sqlite3_stmt *statement) : statement_(statement) {}
    ~Rows();
    Rows(const Rows &) = delete;
    Rows &operator=(const Rows &) = delete;

    bool next();
    bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
    std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
    std::string_view text(int column) const; // of a blob, too
    std::optional<std::string> optional_text(int column) const;

private:
    sqlite3_stmt *statement_;
};

class Statement {
public:
    Statement(Database &database, std::string_view sql);

    // Binds the arguments to ?1, ?2, … and begins a run.
    template <typename... Arguments>
    Rows query(const Arguments &...arguments)
    {
        int index = 0;
        (bind(++index, arguments), ...);
        return Rows{statement_.get()};
    }

    // A run whose rows do not matter.
    template <typename... Arguments>
    void run(const Arguments &...arguments)
    {
        Rows rows = query(arguments...);
        while (rows.next()) {
        }
    }

private:
    struct Finalizer {
        void operator()(sqlite3_stmt *statement) const { sqlite3_finalize(statement); }
    };

    void bind(int index, std::int64_t value);
    void bind(int index, std::string_view value);
    void bind(int index, const std::string &value) { bind(index, std::string_view{value}); }
    void bind(int index, Blob value);
    void bind(int index, const std::optional<std::string> &value);

    std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

} // namespace jabberd::session_manager
