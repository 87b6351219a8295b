// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/messages/messages.h"

#include "base/address.h"
#include "base/view.h"
#include "session_manager/messages/carbons.h"
#include "session_manager/messages/offline.h"

#include <algorithm>

namespace jabberd::session_manager::messages {

namespace {

void remember_copies(User &user, const jabberd_packet &message, const std::vector<Session *> &sessions)
{
    std::vector<std::string_view> connections;
    connections.reserve(sessions.size());
    for (const Session *session : sessions)
        connections.push_back(session->connection);
    if (!user.copies)
        user.copies = std::make_unique<Copies>();
    user.copies->add(message, connections);
}

// Whether another session of the user has got the message that this connection gave back.
bool is_with_another(User &user, const jabberd_packet &message)
{
    return user.copies && user.copies->take_back(message, text(message.sfrom), [&](std::uint64_t connection) {
        return std::ranges::any_of(
            user.sessions, [=](const auto &session) { return Copies::hash(session->connection) == connection; });
    });
}

enum class Copying { None, Carbons };

// To these sessions, and as copies to those with carbons.
void give_to(LockedDirectory &locked, User &user, const jabberd_packet &message, const std::vector<Session *> &sessions,
             Copying copying)
{
    std::vector<Session *> all = sessions;
    for (const auto &session : user.sessions) {
        if (copying == Copying::Carbons && session->carbons && session->id != text(message.from) &&
            std::ranges::find(sessions, session.get()) == sessions.end())
            all.push_back(session.get());
    }
    if (all.size() > 1)
        remember_copies(user, message, all);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i < sessions.size())
            locked.give(*all[i], message);
        else
            carbons::give(locked, *all[i], message, carbons::Side::Received);
    }
}

// RFC 6121 §8.5.2: to the user, no matter which session.
void to_user(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &message, Admission admission,
             Copying copying)
{
    const std::string_view type = text(message.type);
    if (type == "error")
        return; // the session that it answers has ended
    if (type == "groupchat")
        return core.refuse(locked, message,
                           Condition::ServiceUnavailable); // a room talks to one session, another would not understand
    if (type == "headline") {
        for (const auto &session : user.sessions) {
            if (session->takes_messages())
                locked.give(*session, message);
        }
        return;
    }
    const auto best = user.best_sessions();
    if (best.empty())
        return offline::store(core, locked, user, message, admission);
    give_to(locked, user, message, best, copying);
}

// What is stored goes first: a user who left while it was delivered, and is back, has the rest of it still to come.
// True: the message is received again after that.
bool waits_for_stored(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &message,
                      Core::Receive receive)
{
    if (user.offline.empty() || user.best_session() == nullptr)
        return false;
    locked.put_first(user, [&core, receive, owned = OwnedPacket{message}](LockedDirectory &later, User &same) {
        receive(core, later, same, owned.packet());
    });
    offline::deliver_stored(core, locked, user);
    return true;
}

void receive_with(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &message, Copying copying)
{
    if (user.unreadable)
        return core.refuse(locked, message, condition_of(*user.unreadable));
    if (user.blocks(text(message.from)))
        return core.refuse(locked, message, Condition::ServiceUnavailable); // XEP-0191 §3.3
    // An account that does not exist is like one of whose owner nobody has heard for long: what is stored for it is for
    // nobody. An answer would tell a stranger which accounts there are.
    if (waits_for_stored(core, locked, user, message, copying == Copying::None ? receive : receive_and_copy))
        return;
    if (Session *session = locked.addressed_session(user, message))
        return give_to(locked, user, message, {session}, copying);
    to_user(core, locked, user, message, Admission::MayBeRefused, copying);
}

} // namespace

void receive(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &message)
{
    receive_with(core, locked, user, message, Copying::None);
}

void receive_and_copy(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &message)
{
    receive_with(core, locked, user, message, Copying::Carbons);
}

void receive_returned(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &message)
{
    if (user.unreadable)
        return core.refuse(locked, message, condition_of(*user.unreadable));
    if (!user.exists)
        return;
    if (waits_for_stored(core, locked, user, message, receive_returned))
        return;
    // A headline to the bare address went to all sessions: the others have it already.
    if (text(message.type) == "headline" && split_address(text(message.to)).resource.empty())
        return;
    if (is_with_another(user, message))
        return;
    if (user.blocks(text(message.from)))
        return core.refuse(locked, message, Condition::ServiceUnavailable);
    // Without copies: the message may have been private, and no session that got one is here any more.
    to_user(core, locked, user, message, Admission::Owed, Copying::None);
}

} // namespace jabberd::session_manager::messages
