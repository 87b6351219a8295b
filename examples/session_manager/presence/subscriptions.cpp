// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/presence/subscriptions.h"

#include "base/view.h"
#include "session_manager/base/jid.h"
#include "session_manager/presence/presence.h"
#include "session_manager/presence/roster_push.h"

namespace jabberd::session_manager::subscriptions {

namespace {

// Keeps what has become of the item: in memory, on disk, and at the clients.
void keep(Core &core, LockedDirectory &locked, User &user, RosterItem item, bool push)
{
    core.save(user, item);
    if (push)
        roster::push_item(locked, user, item);
    const std::string contact = item.contact;
    if (item.empty())
        user.roster.erase(contact);
    else
        user.roster.insert_or_assign(contact, std::move(item));
}

// A copy: nothing is kept of what changes nothing.
RosterItem item_for(const User &user, const std::string &contact)
{
    const auto found = user.roster.find(contact);
    if (found != user.roster.end())
        return found->second;
    RosterItem item;
    item.contact = contact;
    return item;
}

bool has_room(const User &user, const std::string &contact)
{
    return user.roster.size() < roster::most_items || user.roster.count(contact) != 0;
}

} // namespace

void send(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &packet, Subscription subscription,
          const std::string &contact)
{
    if (contact == user.address)
        return;
    if (!has_room(user, contact))
        return core.refuse(locked, packet, Condition::ResourceConstraint);
    RosterItem item = item_for(user, contact);
    const RosterItem before = item;
    const SubscriptionEffect effect = apply_outbound(item, subscription);
    if (item != before)
        keep(core, locked, user, std::move(item), effect.push);
    if (effect.pass_on) {
        jabberd_packet passed = packet;
        passed.from = view(user.address); // RFC 6121 §3.1.2: subscriptions are between users, not sessions
        presence::send_to(core, locked, passed, contact);
    }
    if (effect.grants)
        presence::show_sessions(core, locked, user, contact);
    if (effect.revokes)
        presence::hide_sessions(core, locked, user, contact);
}

void receive(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &packet, Subscription subscription)
{
    const auto from = prepare_jid(text(packet.from));
    if (!from || !user.exists) // an answer would tell a stranger which accounts there are
        return;
    const std::string contact = from->bare();
    if (!has_room(user, contact))
        return;
    RosterItem item = item_for(user, contact);
    const RosterItem before = item;
    const SubscriptionEffect effect = apply_inbound(item, subscription, text(packet.body));

    if (effect.auto_reply)
        presence::send_to(core, locked, make_packet("presence", "subscribed", user.address, {}), contact);
    if (effect.pass_on) {
        jabberd_packet passed = packet;
        passed.from = view(contact);
        for (const auto &session : user.sessions) {
            if (session->available())
                locked.give(*session, passed);
        }
    }
    if (item != before)
        keep(core, locked, user, std::move(item), effect.push);
    if (effect.revokes)
        presence::hide_sessions(core, locked, user, contact);
}

void cancel(Core &core, LockedDirectory &locked, const User &user, const RosterItem &item)
{
    if (item.to || item.ask)
        presence::send_to(core, locked, make_packet("presence", "unsubscribe", user.address, {}), item.contact);
    if (item.from || item.request) {
        presence::send_to(core, locked, make_packet("presence", "unsubscribed", user.address, {}), item.contact);
        if (item.from)
            presence::hide_sessions(core, locked, user, item.contact);
    }
}

} // namespace jabberd::session_manager::subscriptions
