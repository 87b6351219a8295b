// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/presence/presence.h"

#include "base/address.h"
#include "base/view.h"
#include "session_manager/base/jid.h"
#include "session_manager/messages/offline.h"
#include "session_manager/presence/subscriptions.h"
#include "session_manager/roster/subscription.h"

#include <vector>

namespace jabberd::session_manager::presence {

namespace {

constexpr std::size_t most_directed =
    1000; // addresses remembered for one session; a client in more rooms leaves the rest to time out

jabberd_packet addressed(jabberd_packet packet, std::string_view to)
{
    packet.to = view(to);
    return packet;
}

// To all contacts that may see the user's presence, and to all sessions of the user, the one that it is about among
// them (RFC 6121 §4.2.2).
void broadcast(Core &core, LockedDirectory &locked, const User &user, const jabberd_packet &packet)
{
    for (const auto &[contact, item] : user.roster) {
        if (item->from && !user.blocklist.covers(contact))
            send_to(core, locked, packet, contact);
    }
    for (const auto &session : user.sessions) {
        if (session->available())
            locked.give(*session, addressed(packet, session->id));
    }
}

void show_local_contact(LockedDirectory &locked, Session &to, const User &contact)
{
    const RosterItem *item = contact.roster.find(to.address);
    if (item == nullptr || !item->from || contact.blocklist.covers(to.id))
        return;
    for (const auto &session : contact.sessions) {
        if (session->available())
            locked.give(to, addressed(session->presence.packet(), to.id));
    }
}

// The sessions see the contact: one of an account here now, any other when its server has answered.
void show_contact(Core &core, LockedDirectory &locked, const std::vector<Session *> &sessions,
                  const std::string &contact)
{
    if (const User *local = locked.user(contact)) {
        for (Session *session : sessions)
            show_local_contact(locked, *session, *local);
    } else if (!sessions.empty() && !core.is_local(split_address(contact).host)) {
        locked.post(make_packet("presence", "probe", sessions.front()->address, contact));
    }
}

// What a session that was not there before has missed (RFC 6121 §4.2, §3.1.3).
void catch_up(Core &core, LockedDirectory &locked, Session &session)
{
    const User &user = *session.user;
    for (const auto &other : user.sessions) {
        if (other.get() != &session && other->available())
            locked.give(session, addressed(other->presence.packet(), session.id));
    }
    for (const auto &[contact, item] : user.roster) {
        if (user.blocklist.covers(contact))
            continue;
        if (item->request)
            locked.give(session, make_packet("presence", "subscribe", contact, user.address, *item->request));
        if (item->to)
            show_contact(core, locked, {&session}, contact);
    }
}

void answer_probe(Core &core, LockedDirectory &locked, const User &user, const jabberd_packet &probe)
{
    const auto asker = prepare_jid(text(probe.from));
    if (!asker)
        return;
    const RosterItem *item = user.roster.find(asker->bare());
    if (item == nullptr || !item->from)
        return send_to(core, locked, make_packet("presence", "unsubscribed", user.address, {}), asker->bare());
    bool shown = false;
    for (const auto &session : user.sessions) {
        if (!session->available())
            continue;
        send_to(core, locked, session->presence.packet(), asker->full());
        shown = true;
    }
    if (!shown)
        send_to(core, locked, make_packet("presence", "unavailable", user.address, {}), asker->full());
}

void notify(LockedDirectory &locked, User &user, const jabberd_packet &presence)
{
    if (!split_address(text(presence.to)).resource.empty()) {
        Session *session = locked.addressed_session(user, presence);
        if (session != nullptr)
            locked.give(*session, presence);
        return;
    }
    if (text(presence.type) == "error")
        return; // it answers a broadcast: no client has asked
    for (const auto &session : user.sessions) {
        if (session->available())
            locked.give(*session, presence);
    }
}

} // namespace

void announce(Core &core, LockedDirectory &locked, Session &session, const jabberd_packet &stamped, int priority)
{
    const bool initial = !session.available();
    session.presence = OwnedPacket{stamped};
    session.priority = priority;
    broadcast(core, locked, *session.user, stamped);
    if (initial)
        catch_up(core, locked, session);
    if (!session.user->offline.empty() && session.takes_messages())
        locked.with_user(session.address, {session.address, session.id},
                         [&core](LockedDirectory &later, User &user) { offline::deliver_stored(core, later, user); });
}

void withdraw(Core &core, LockedDirectory &locked, Session &session, const jabberd_packet &stamped)
{
    const bool was_available = session.available();
    session.presence = {}; // first: a session that leaves need not be told
    session.priority = 0;
    if (was_available)
        broadcast(core, locked, *session.user, stamped);
    for (const std::string &address : session.directed)
        send_to(core, locked, stamped, address);
    session.directed.clear();
}

void direct(Core &core, LockedDirectory &locked, Session &session, const jabberd_packet &stamped, const std::string &to)
{
    if (present(stamped.type))
        session.directed.erase(to);
    else if (session.directed.size() < most_directed)
        session.directed.insert(to);
    send_to(core, locked, stamped, to);
}

void receive(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &presence)
{
    const std::string_view type = text(presence.type);
    if (user.blocks(text(presence.from)))
        return; // without an answer: the user looks as if there were no session (XEP-0191 §3.3)
    if (const auto subscription = subscription_of(type))
        return subscriptions::receive(core, locked, user, presence, *subscription);
    if (type == "probe")
        return answer_probe(core, locked, user, presence);
    notify(locked, user, presence);
}

void send_to(Core &core, LockedDirectory &locked, jabberd_packet packet, const std::string &to)
{
    packet.to = view(to);
    const std::string address{bare_address(to)};
    const std::string_view host = split_address(address).host;
    // It was made here, or admitted when it came: who is told of it cannot be asked to try again.
    if (locked.user(address) != nullptr)
        return core.pass(locked, address, packet, receive, Admission::Owed);
    // A subscription changes what is stored of a user; any other presence has no effect where there is no session.
    if (!core.is_local(host))
        return locked.post(packet);
    if (subscription_of(text(packet.type)) && address != host)
        core.pass(locked, address, packet, receive, Admission::Owed);
}

void look_for(Core &core, LockedDirectory &locked, const User &user, const std::string &contact)
{
    std::vector<Session *> here;
    for (const auto &session : user.sessions) {
        if (session->available())
            here.push_back(session.get());
    }
    show_contact(core, locked, here, contact);
}

void show_sessions(Core &core, LockedDirectory &locked, const User &user, const std::string &contact)
{
    for (const auto &session : user.sessions) {
        if (session->available())
            send_to(core, locked, session->presence.packet(), contact);
    }
}

void hide_sessions(Core &core, LockedDirectory &locked, const User &user, const std::string &contact)
{
    for (const auto &session : user.sessions) {
        if (session->available())
            send_to(core, locked, make_packet("presence", "unavailable", session->id, {}), contact);
    }
}

} // namespace jabberd::session_manager::presence
