// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/storage/storage.h"

#include "session_manager/roster/request.h"

namespace jabberd::session_manager {

Rosters::Rosters(Database &database)
    : database_(database)
    , load_(database, "SELECT contact, name, groups, listed, subscribed_to, subscribed_from, ask, request FROM roster "
                      "WHERE account=(SELECT id FROM accounts WHERE address=?1)")
    , save_(database,
            "INSERT OR REPLACE INTO roster (account, contact, name, groups, listed, subscribed_to, subscribed_from, "
            "ask, request) "
            "SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM accounts WHERE address=?1") // nothing for an account that
                                                                                        // was just removed
    , remove_(database, "DELETE FROM roster WHERE account=(SELECT id FROM accounts WHERE address=?1) AND contact=?2")
{
}

Roster Rosters::load(std::string_view address)
{
    Roster roster;
    Rows rows = load_.query(address);
    while (rows.next()) {
        RosterItem item;
        item.contact = rows.text(0);
        item.name = rows.text(1);
        item.groups = rows.text(2);
        item.listed = rows.integer(3) != 0;
        item.to = rows.integer(4) != 0;
        item.from = rows.integer(5) != 0;
        item.ask = rows.integer(6) != 0;
        // An older program has kept all that strangers wrote. It stays in the database, and goes to no client.
        if (item.request = rows.optional_text(7); item.request && item.request->size() > most_of_a_request)
            item.request = useful_part(*item.request);
        roster.put(std::move(item));
    }
    return roster;
}

bool Rosters::save(std::string_view address, const RosterItem &item)
{
    if (item.empty()) {
        remove_.run(address, item.contact);
        return true;
    }
    save_.run(address, item.contact, item.name, item.groups, std::int64_t{item.listed}, std::int64_t{item.to},
              std::int64_t{item.from}, std::int64_t{item.ask}, item.request);
    return database_.changes() > 0;
}

} // namespace jabberd::session_manager
