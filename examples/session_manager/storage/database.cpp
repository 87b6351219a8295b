// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/storage/database.h"

#include "base/regular_file.h"
#include "session_manager/storage/database_file.h"

#include <fcntl.h>
#include <unistd.h>

namespace jabberd::session_manager {

namespace {

constexpr int busy_timeout_ms = 5000; // an operator's sqlite3 shell may hold the lock for a moment

StorageFailure failure_of(int result, sqlite3 *handle)
{
    switch (result & 0xFF) { // the rest is an extended code
    case SQLITE_FULL: return StorageFailure::Full;
    case SQLITE_BUSY: return StorageFailure::Locked;
    case SQLITE_NOMEM: return StorageFailure::Memory;
    case SQLITE_IOERR: { // SQLite knows a full disk only by ENOSPC: a quota or a file size that is used up has others
        const int extended = handle == nullptr ? result : sqlite3_extended_errcode(handle);
        return extended == SQLITE_IOERR_WRITE || extended == SQLITE_IOERR_SHMSIZE ? StorageFailure::Full
                                                                                  : StorageFailure::Broken;
    }
    default: return StorageFailure::Broken;
    }
}

void check(int result, sqlite3 *handle)
{
    if (result != SQLITE_OK && result != SQLITE_DONE && result != SQLITE_ROW)
        throw StorageError{handle == nullptr ? sqlite3_errstr(result) : sqlite3_errmsg(handle),
                           failure_of(result, handle)};
}

// A reader of a write-ahead log makes the files beside the database where they are not there. So one that no process
// has open is read as what cannot change ("immutable": https://www.sqlite.org/uri.html); where they are, another
// process writes it perhaps, and the reader shares them with that.
std::string uri_for_reading(const std::string &path)
{
    std::string uri = "file:";
    for (const char c : path) {
        if (c == '%' || c == '?' || c == '#')
            uri += c == '%' ? "%25" : c == '?' ? "%3f" : "%23";
        else
            uri += c;
    }
    const auto is_there = [&](const char *journal) { return access((path + journal).c_str(), F_OK) == 0; };
    return is_there("-wal") && is_there("-shm") ? uri : uri + "?immutable=1";
}

} // namespace

Database::Database(const std::string &path, Access wanted)
{
    if (wanted == Access::ReadsOnly) {
        open(uri_for_reading(path), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
        return;
    }
    // SQLite would make the file with the process's umask; its journal files take over the mode of the database.
    std::string why;
    open_regular_file(path, O_RDWR | O_CREAT, why, 0600);
    if (why = irregular_file(path); !why.empty())
        throw StorageError{why}; // SQLite would wait for it; what else is wrong it says itself

    open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
}

void Database::open(const std::string &path, int flags)
{
    sqlite3 *handle = nullptr;
    const int result = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    handle_.reset(handle);
    check(result, handle);
    sqlite3_busy_timeout(handle, busy_timeout_ms);
}

void Database::execute(const char *sql)
{
    check(sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr), handle_.get());
}

Rows::~Rows()
{
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_); // they pointed into the arguments
}

bool Rows::next()
{
    const int result = sqlite3_step(statement_);
    check(result, sqlite3_db_handle(statement_));
    return result == SQLITE_ROW;
}

std::string_view Rows::text(int column) const
{
    const auto *data = static_cast<const char *>(sqlite3_column_blob(statement_, column));
    return data == nullptr ? std::string_view{}
                           : std::string_view{data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<std::string> Rows::optional_text(int column) const
{
    return is_null(column) ? std::nullopt : std::optional<std::string>{text(column)};
}

Statement::Statement(Database &database, std::string_view sql)
{
    sqlite3_stmt *statement = nullptr;
    check(sqlite3_prepare_v3(database.handle(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                             &statement, nullptr),
          database.handle());
    statement_.reset(statement);
}

void Statement::bind(int index, std::int64_t value)
{
    check(sqlite3_bind_int64(statement_.get(), index, value), sqlite3_db_handle(statement_.get()));
}

void Statement::bind(int index, std::string_view value)
{
    // The arguments outlive the run. A null pointer would bind NULL, not "".
    const char *data = value.data() == nullptr ? "" : value.data();
    check(sqlite3_bind_text64(statement_.get(), index, data, value.size(), SQLITE_STATIC, SQLITE_UTF8),
          sqlite3_db_handle(statement_.get()));
}

void Statement::bind(int index, Blob value)
{
    check(sqlite3_bind_blob64(statement_.get(), index, value.bytes.data(), value.bytes.size(), SQLITE_STATIC),
          sqlite3_db_handle(statement_.get()));
}

void Statement::bind(int index, const std::optional<std::string> &value)
{
    if (value)
        return bind(index, std::string_view{*value});
    check(sqlite3_bind_null(statement_.get(), index), sqlite3_db_handle(statement_.get()));
}

} // namespace jabberd::session_manager
