// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/storage/storage.h"

#include "base/random.h"

namespace jabberd::session_manager {

namespace {

std::string lasting_secret(Database &database, std::string_view name)
{
    Statement make{database, "INSERT INTO secrets (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING"};
    make.run(name, random_id());
    Statement load{database, "SELECT value FROM secrets WHERE name=?1"};
    Rows rows = load.query(name);
    rows.next();
    return std::string{rows.text(0)};
}

} // namespace

Accounts::Accounts(Database &database)
    : database_(database)
    , decoys_(lasting_secret(database, "nobody"))
    , find_(database, "SELECT salt, iterations, stored_key_sha256, server_key_sha256, stored_key_sha1, "
                      "server_key_sha1, password FROM accounts WHERE address=?1")
    , exists_(database, "SELECT 1 FROM accounts WHERE address=?1")
    , create_(database, "INSERT INTO accounts (address, created, salt, iterations, stored_key_sha256, "
                        "server_key_sha256, stored_key_sha1, server_key_sha1, password) "
                        "VALUES (?1, unixepoch(), ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (address) DO NOTHING")
    , change_(database, "UPDATE accounts SET salt=?2, iterations=?3, stored_key_sha256=?4, server_key_sha256=?5, "
                        "stored_key_sha1=?6, server_key_sha1=?7, password=?8 "
                        "WHERE address=?1")
    , remove_(database, "DELETE FROM accounts WHERE address=?1")
    , count_(database, "SELECT count(*) FROM accounts")
    , set_locked_(database, "UPDATE accounts SET locked=?2 WHERE address=?1")
    , state_(database, "SELECT address, created, locked FROM accounts WHERE address=?1")
    , behind_(database, "SELECT address, created, locked FROM accounts WHERE address>?1 ORDER BY address LIMIT ?2")
    , of_host_behind_(database, "SELECT address, created, locked FROM accounts WHERE address>?2 AND "
                                "substr(address, instr(address, '@') + 1)=?1 ORDER BY address LIMIT ?3")
{
}

std::optional<Credentials> Accounts::find(std::string_view address)
{
    Rows rows = find_.query(address);
    if (!rows.next())
        return std::nullopt;
    Credentials found;
    found.salt = rows.text(0);
    found.iterations = static_cast<unsigned>(rows.integer(1));
    found.sha256 = {std::string{rows.text(2)}, std::string{rows.text(3)}};
    found.sha1 = {std::string{rows.text(4)}, std::string{rows.text(5)}};
    found.password = rows.optional_text(6);
    return found;
}

KnownOrDecoy Accounts::find_or_decoy(std::string_view address, unsigned iterations)
{
    // Made for known users, too, so that a client that measures the time learns nothing.
    Credentials decoy = decoys_.of(address, iterations);
    auto found = find(address);
    return {found.has_value(), found ? std::move(*found) : std::move(decoy)};
}

bool Accounts::exists(std::string_view address)
{
    return exists_.query(address).next();
}

bool Accounts::create(std::string_view address, const Credentials &c)
{
    create_.run(address, Blob{c.salt}, std::int64_t{c.iterations}, Blob{c.sha256.stored}, Blob{c.sha256.server},
                Blob{c.sha1.stored}, Blob{c.sha1.server}, c.password);
    return database_.changes() > 0;
}

bool Accounts::change(std::string_view address, const Credentials &c)
{
    change_.run(address, Blob{c.salt}, std::int64_t{c.iterations}, Blob{c.sha256.stored}, Blob{c.sha256.server},
                Blob{c.sha1.stored}, Blob{c.sha1.server}, c.password);
    return database_.changes() > 0;
}

bool Accounts::remove(std::string_view address)
{
    remove_.run(address);
    return database_.changes() > 0;
}

void Accounts::forget_passwords()
{
    // The old pages may still be in the write-ahead log: empty it, too.
    database_.execute("UPDATE accounts SET password=NULL WHERE password IS NOT NULL; PRAGMA wal_checkpoint(TRUNCATE)");
}

std::int64_t Accounts::count()
{
    Rows rows = count_.query();
    rows.next();
    return rows.integer(0);
}

bool Accounts::set_locked(std::string_view address, bool locked)
{
    set_locked_.run(address, std::int64_t{locked});
    return database_.changes() > 0;
}

namespace {

std::vector<AccountState> states_of(Rows rows)
{
    std::vector<AccountState> found;
    while (rows.next())
        found.push_back({std::string{rows.text(0)}, rows.integer(1), rows.integer(2) != 0});
    return found;
}

} // namespace

std::optional<AccountState> Accounts::state(std::string_view address)
{
    auto found = states_of(state_.query(address));
    return found.empty() ? std::nullopt : std::optional{std::move(found.front())};
}

std::vector<AccountState> Accounts::behind(std::string_view address, unsigned most)
{
    return states_of(behind_.query(address, std::int64_t{most}));
}

std::vector<AccountState> Accounts::of_host_behind(std::string_view host, std::string_view address, unsigned most)
{
    return states_of(of_host_behind_.query(host, address, std::int64_t{most}));
}

} // namespace jabberd::session_manager
