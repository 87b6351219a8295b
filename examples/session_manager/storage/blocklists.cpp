// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/storage/storage.h"

namespace jabberd::session_manager {

Blocklists::Blocklists(Database &database)
    : load_(database, "SELECT address FROM blocked WHERE account=(SELECT id FROM accounts WHERE address=?1)")
    , covers_(database, "SELECT 1 FROM blocked WHERE account=(SELECT id FROM accounts WHERE address=?1) AND "
                        "address IN (?2, ?3, ?4)")
    , add_(database, "INSERT OR IGNORE INTO blocked (account, address) SELECT id, ?2 FROM accounts WHERE address=?1")
    , remove_(database, "DELETE FROM blocked WHERE account=(SELECT id FROM accounts WHERE address=?1) AND address=?2")
{
}

Blocklist Blocklists::load(std::string_view account)
{
    Blocklist list;
    Rows rows = load_.query(account);
    while (rows.next())
        list.add(std::string{rows.text(0)});
    return list;
}

bool Blocklists::covers(std::string_view account, std::string_view address)
{
    const auto [itself, bare, host] = covering(address);
    return covers_.query(account, itself, bare, host).next();
}

void Blocklists::add(std::string_view account, std::string_view address)
{
    add_.run(account, address);
}

void Blocklists::remove(std::string_view account, std::string_view address)
{
    remove_.run(account, address);
}

} // namespace jabberd::session_manager
