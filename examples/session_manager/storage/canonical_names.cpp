// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/storage/canonical_names.h"

#include "session_manager/base/jid.h"

#include <string>
#include <utility>
#include <vector>

namespace jabberd::session_manager {

namespace {

using Renaming = std::pair<std::string, std::string>;

std::vector<Renaming> renamings(Database &database, std::string_view select)
{
    Statement statement{database, select};
    std::vector<Renaming> found;
    Rows rows = statement.query();
    while (rows.next()) {
        std::string address{rows.text(0)};
        if (const auto jid = prepare_jid(address); jid && jid->bare() != address)
            found.emplace_back(std::move(address), jid->bare());
    }
    return found;
}

void rename(Database &database, std::string_view select, std::string_view update)
{
    Statement statement{database, update};
    for (const auto &[from, to] : renamings(database, select))
        statement.run(from, to);
}

} // namespace

void make_names_canonical(Database &database)
{
    rename(database, "SELECT address FROM accounts", "UPDATE OR IGNORE accounts SET address=?2 WHERE address=?1");
    rename(database, "SELECT DISTINCT contact FROM roster", "UPDATE OR IGNORE roster SET contact=?2 WHERE contact=?1");
}

} // namespace jabberd::session_manager
