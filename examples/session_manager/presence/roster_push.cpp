// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/presence/roster_push.h"

#include "session_manager/core/push.h"

namespace jabberd::session_manager::roster {

namespace {

void push_roster(LockedDirectory &locked, const User &user, const std::string &item)
{
    push(
        locked, user, [](const Session &session) { return session.interested && !session.roster_versions; },
        "<query xmlns='jabber:iq:roster'>" + item + "</query>");
    push(
        locked, user, [](const Session &session) { return session.interested && session.roster_versions; },
        "<query xmlns='jabber:iq:roster' ver='" + user.roster.version() + "'>" + item + "</query>");
}

} // namespace

void push_item(LockedDirectory &locked, User &user, const RosterItem &item)
{
    std::string text;
    append_item(text, item);
    push_roster(locked, user, text);
}

void push_removal(LockedDirectory &locked, User &user, std::string_view contact)
{
    std::string text;
    append_removed_item(text, contact);
    push_roster(locked, user, text);
}

} // namespace jabberd::session_manager::roster
