// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/presence/blocked_presence.h"

#include "base/address.h"
#include "session_manager/presence/presence.h"

#include <vector>

namespace jabberd::session_manager::presence {

namespace {

// Of those that get the user's presence, the ones that `more` covers and `less` does not: contacts, and single
// resources of contacts.
std::vector<std::string> watchers_between(const User &user, const Blocklist &less, const Blocklist &more)
{
    std::vector<std::string> watchers;
    for (const auto &[contact, item] : user.roster) {
        if (item->from && more.covers(contact) && !less.covers(contact))
            watchers.push_back(contact);
    }
    for (const std::string &address : more) {
        const std::string_view bare = bare_address(address);
        const RosterItem *item = bare == address ? nullptr : user.roster.find(bare);
        if (item != nullptr && item->from && !more.covers(bare) && !less.covers(address))
            watchers.push_back(address);
    }
    return watchers;
}

} // namespace

void hide_from_blocked(Core &core, LockedDirectory &locked, User &user, const Blocklist &next)
{
    for (const std::string &watcher : watchers_between(user, user.blocklist, next))
        hide_sessions(core, locked, user, watcher);
    for (const auto &session : user.sessions) {
        std::erase_if(session->directed, [&](const std::string &address) {
            const bool is_blocked = next.covers(address) && bare_address(address) != user.address;
            if (is_blocked)
                send_to(core, locked, make_packet("presence", "unavailable", session->id, {}), address);
            return is_blocked;
        });
    }
}

void show_to_unblocked(Core &core, LockedDirectory &locked, User &user, const Blocklist &before)
{
    for (const std::string &watcher : watchers_between(user, user.blocklist, before))
        show_sessions(core, locked, user, watcher);
    for (const auto &[contact, item] : user.roster) {
        if (item->to && before.covers(contact) && !user.blocklist.covers(contact))
            look_for(core, locked, user, contact);
    }
}

} // namespace jabberd::session_manager::presence
