// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/storage/schema.h"

#include "session_manager/storage/canonical_names.h"
#include "session_manager/storage/database_file.h"

#include <iterator>

namespace jabberd::session_manager {

namespace {

// `request` is the body of a subscription request that
// waits for an answer, NULL when none does; `groups` and `content` are canonical XML.
constexpr const char *version_1 = R"sql(
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,
    created INTEGER NOT NULL,
    salt BLOB NOT NULL,
    iterations INTEGER NOT NULL,
    stored_key_sha256 BLOB NOT NULL,
    server_key_sha256 BLOB NOT NULL,
    stored_key_sha1 BLOB NOT NULL,
    server_key_sha1 BLOB NOT NULL,
    password TEXT -- only while digest login is configured
);
CREATE TABLE roster (
    account INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    contact TEXT NOT NULL,
    name TEXT NOT NULL,
    groups TEXT NOT NULL,
    listed INTEGER NOT NULL,
    subscribed_to INTEGER NOT NULL,
    subscribed_from INTEGER NOT NULL,
    ask INTEGER NOT NULL,
    request TEXT,
    PRIMARY KEY (account, contact)
) WITHOUT ROWID;
CREATE TABLE offline (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    sender TEXT,
    recipient TEXT,
    stanza_id TEXT,
    type TEXT,
    lang TEXT,
    body TEXT NOT NULL
);
CREATE INDEX offline_by_account ON offline (account, id);
CREATE TABLE documents (
    account INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    xmlns TEXT NOT NULL,
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (account, xmlns, name)
) WITHOUT ROWID;
)sql";

constexpr const char *version_2 = R"sql(
CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
)sql";

constexpr const char *version_4 = R"sql(
CREATE TABLE blocked (
    account INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    PRIMARY KEY (account, address)
) WITHOUT ROWID;
)sql";

// An account's id is its own for ever. AUTOINCREMENT gives none a second time; what a program does that deletes rows
// without PRAGMA foreign_keys, such as an operator's sqlite3, the triggers make good: whatever belongs to an account
// goes with it, and whatever belongs to an id that no account has had yet goes before one gets it. The table is made
// anew, for a table cannot become AUTOINCREMENT; rows of no account are those that an earlier version left to be
// inherited.
constexpr const char *version_5 = R"sql(
DELETE FROM roster WHERE account NOT IN (SELECT id FROM accounts);
DELETE FROM offline WHERE account NOT IN (SELECT id FROM accounts);
DELETE FROM documents WHERE account NOT IN (SELECT id FROM accounts);
DELETE FROM blocked WHERE account NOT IN (SELECT id FROM accounts);
CREATE TABLE accounts_of_version_5 (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT NOT NULL UNIQUE,
    created INTEGER NOT NULL,
    salt BLOB NOT NULL,
    iterations INTEGER NOT NULL,
    stored_key_sha256 BLOB NOT NULL,
    server_key_sha256 BLOB NOT NULL,
    stored_key_sha1 BLOB NOT NULL,
    server_key_sha1 BLOB NOT NULL,
    password TEXT, -- only while digest login is configured
    locked INTEGER NOT NULL DEFAULT 0
);
INSERT INTO accounts_of_version_5 (id, address, created, salt, iterations, stored_key_sha256, server_key_sha256,
    stored_key_sha1, server_key_sha1, password)
    SELECT id, address, created, salt, iterations, stored_key_sha256, server_key_sha256, stored_key_sha1,
        server_key_sha1, password FROM accounts;
DROP TABLE accounts;
ALTER TABLE accounts_of_version_5 RENAME TO accounts;
CREATE TRIGGER account_is_gone AFTER DELETE ON accounts BEGIN
    DELETE FROM roster WHERE account=OLD.id;
    DELETE FROM offline WHERE account=OLD.id;
    DELETE FROM documents WHERE account=OLD.id;
    DELETE FROM blocked WHERE account=OLD.id;
END;
CREATE TRIGGER account_inherits_nothing AFTER INSERT ON accounts BEGIN
    DELETE FROM roster WHERE account=NEW.id;
    DELETE FROM offline WHERE account=NEW.id;
    DELETE FROM documents WHERE account=NEW.id;
    DELETE FROM blocked WHERE account=NEW.id;
END;
CREATE TRIGGER account_keeps_its_id BEFORE UPDATE OF id ON accounts WHEN NEW.id IS NOT OLD.id BEGIN
    SELECT RAISE(ABORT, 'the id of an account does not change');
END;
)sql";

struct Upgrade {
    const char *sql;
    void (*rewrite)(Database &) = nullptr;
};

constexpr Upgrade upgrades[] = {
    {version_1}, {version_2}, {nullptr, make_names_canonical}, {version_4}, {version_5}}; // the n-th makes version n

static_assert(std::size(upgrades) == newest_schema);

int version_of(Database &database)
{
    Statement statement{database, "PRAGMA user_version"};
    Rows rows = statement.query();
    rows.next();
    return static_cast<int>(rows.integer(0));
}

} // namespace

void prepare_schema(Database &database)
{
    // NORMAL: what was committed survives the process; the last moments may be lost with the power. A flush to disk for
    // each offline message would make one disk rotation the speed limit of all users. secure_delete: a removed password
    // is overwritten.
    // cache_size: 8 MiB, and no more whatever the default of the library is.
    // foreign_keys: not before the upgrades, for dropping a table deletes what refers to it.
    database.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=OFF; "
                     "PRAGMA secure_delete=ON; PRAGMA cache_size=-8192");

    const int version = version_of(database);
    if (version < 0 || version > newest_schema)
        throw StorageError{made_by_a_newer_program};
    for (int next = version + 1; next <= newest_schema; ++next) {
        const std::string set_version = "PRAGMA user_version=" + std::to_string(next);
        database.execute("BEGIN IMMEDIATE");
        const Upgrade &upgrade = upgrades[next - 1];
        if (upgrade.sql != nullptr)
            database.execute(upgrade.sql);
        if (upgrade.rewrite != nullptr)
            upgrade.rewrite(database);
        database.execute(set_version.c_str());
        database.execute("COMMIT"); // an exception leaves it to sqlite3_close() to roll back
    }
    database.execute("PRAGMA foreign_keys=ON");
}

} // namespace jabberd::session_manager
