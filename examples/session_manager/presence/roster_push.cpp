// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/presence/roster_push.h"

#include "base/view.h"
#include "session_manager/base/stanza.h"

#include <atomic>

namespace jabberd::session_manager::roster {

namespace {

void push(LockedDirectory &locked, User &user, const std::string &item)
{
    static std::atomic<unsigned> pushes = 0;
    const std::string id = "push-" + std::to_string(++pushes); // the answers are not waited for
    const std::string body = "<query xmlns='jabber:iq:roster'>" + item + "</query>";
    for (const auto &session : user.sessions) {
        if (!session->interested)
            continue;
        jabberd_packet packet = make_packet("iq", "set", {}, session->id, body);
        packet.id = view(id);
        locked.give(*session, packet);
    }
}

} // namespace

void push_item(LockedDirectory &locked, User &user, const RosterItem &item)
{
    std::string text;
    append_item(text, item);
    push(locked, user, text);
}

void push_removal(LockedDirectory &locked, User &user, std::string_view contact)
{
    std::string text;
    append_removed_item(text, contact);
    push(locked, user, text);
}

} // namespace jabberd::session_manager::roster
