// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/presence/roster_room.h"

namespace jabberd::session_manager::roster {

bool has_room(Core &core, LockedDirectory &locked, User &user, const RosterItem &item)
{
    const auto options = core.settings.current();
    const RosterItem *before = user.roster.find(item.contact);
    const bool is_new = before == nullptr || before->only_requests() != item.only_requests();
    const std::size_t given_up = is_new ? 0 : before->bytes();
    if (!is_new && item.bytes() <= given_up)
        return true;
    const Amount now = item.only_requests() ? user.roster.requests() : user.roster.own();
    const std::size_t most_items = item.only_requests() ? options->requests_max : options->roster_max;
    const std::size_t most_bytes = item.only_requests() ? options->requests_bytes : options->roster_bytes;
    if ((is_new && now.items >= most_items) || now.bytes - given_up + item.bytes() > most_bytes) {
        ++core.rosters_refused;
        return false;
    }
    return locked.may_grow(user, item.bytes() - given_up);
}

} // namespace jabberd::session_manager::roster
