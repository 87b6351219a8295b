// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/storage/hosts.h"

#include "session_manager/storage/database_file.h"

#include <algorithm>

namespace jabberd::session_manager {

namespace {

// An account's address has a host, and no resource.
constexpr char host_of_account[] = "substr(address, instr(address, '@') + 1)";
constexpr char accounts_of_host[] = "(SELECT id FROM accounts WHERE substr(address, instr(address, '@') + 1)=?1)";

// An address as it may stand in a column: user@host/resource, of which user and resource may be missing, and the
// resource may have an '@'.
struct AddressColumn {
    explicit AddressColumn(const std::string &column)
        : slash("instr(" + column + " || '/', '/')")
        , bare("substr(" + column + ", 1, " + slash + " - 1)")
        , host("substr(" + bare + ", instr(" + bare + ", '@') + 1)")
        , renamed("substr(" + bare + ", 1, instr(" + bare + ", '@')) || ?2 || substr(" + column + ", " + slash + ")")
    {
    }

    const std::string slash, bare, host;
    const std::string renamed; // to ?2
};

// IGNORE: a contact that an account knows by both names stays what it is by the new one.
void rename_in(Database &database, const std::string &table, const std::string &column, std::string_view from,
               std::string_view to)
{
    const AddressColumn address{column};
    Statement{database, "UPDATE OR IGNORE " + table + " SET " + column + "=" + address.renamed + " WHERE account IN " +
                            accounts_of_host + " AND " + address.host + "=?1"}
        .run(from, to);
}

} // namespace

std::vector<HostAccounts> accounts_by_host(Database &database)
{
    Statement statement{database, "SELECT " + std::string{host_of_account} +
                                      " AS host, count(*) FROM accounts GROUP BY host ORDER BY host"};
    std::vector<HostAccounts> all;
    Rows rows = statement.query();
    while (rows.next())
        all.push_back({std::string{rows.text(0)}, rows.integer(1)});
    return all;
}

std::vector<HostAccounts> accounts_elsewhere(Database &database, const std::vector<std::string> &served)
{
    auto all = accounts_by_host(database);
    std::erase_if(all, [&](const HostAccounts &of) { return std::ranges::find(served, of.host) != served.end(); });
    return all;
}

std::vector<HostAccounts> accounts_elsewhere(const std::string &path, const std::vector<std::string> &served)
{
    if (!database_defect(path).empty())
        return {};
    try {
        Database database{path, Database::Access::ReadsOnly};
        return accounts_elsewhere(database, served);
    } catch (const StorageError &) { // it is not there yet, or has no tables
        return {};
    }
}

std::vector<std::string> rename_host(Database &database, std::string_view from, std::string_view to)
{
    const AddressColumn address{"address"};
    Statement taken{database, "SELECT address FROM accounts WHERE address IN (SELECT " + address.renamed +
                                  " FROM accounts WHERE " + host_of_account + "=?1) ORDER BY address"};
    std::vector<std::string> found;
    Rows rows = taken.query(from, to);
    while (rows.next())
        found.emplace_back(rows.text(0));
    if (!found.empty())
        return found;
    rename_in(database, "roster", "contact", from, to);
    rename_in(database, "blocked", "address", from, to);
    rename_in(database, "offline", "sender", from, to);
    rename_in(database, "offline", "recipient", from, to);
    Statement{database,
              "UPDATE accounts SET address=" + address.renamed + " WHERE " + std::string{host_of_account} + "=?1"}
        .run(from, to);
    return {};
}

} // namespace jabberd::session_manager
