// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/presence/subscriptions.h"

#include "base/view.h"
#include "session_manager/base/jid.h"
#include "session_manager/presence/presence.h"
#include "session_manager/presence/roster_push.h"
#include "session_manager/presence/roster_room.h"
#include "session_manager/roster/request.h"

namespace jabberd::session_manager::subscriptions {

namespace {

// A copy: nothing is kept of what changes nothing.
RosterItem item_for(const User &user, const std::string &contact)
{
    if (const RosterItem *known = user.roster.find(contact))
        return *known;
    RosterItem item;
    item.contact = contact;
    return item;
}

// Stores what has become of the item; `kept` runs when it is in memory, too.
template <typename Kept>
void keep(Core &core, LockedDirectory &locked, User &user, RosterItem item, Work work, OwnedPacket packet, Kept kept)
{
    locked.keep_changing(user);
    core.storage.post(
        {std::move(work), user.address, StorageUse::Kind::Changes},
        [address = user.address, item](Storage &storage) { return storage.rosters.save(address, item); },
        [&core, &user, item, kept = std::move(kept)](bool) mutable {
            LockedDirectory later{core.directory};
            const LockedDirectory::EndOfChange end{later, user};
            later.keep(user, item);
            kept(later, item);
        },
        [&core, &user, refused = std::move(packet)](StorageFailure why) {
            LockedDirectory failed{core.directory};
            const LockedDirectory::EndOfChange end{failed, user};
            core.refuse(failed, refused.packet(), condition_of(why));
        });
}

void let_go(Core &core, LockedDirectory &locked, const User &user, const jabberd_packet &packet, const RosterItem &item,
            const SubscriptionEffect &effect)
{
    if (effect.pass_on) {
        jabberd_packet passed = packet;
        passed.from = view(user.address); // RFC 6121 §3.1.2: subscriptions are between users, not sessions
        presence::send_to(core, locked, passed, item.contact);
    }
    if (effect.grants)
        presence::show_sessions(core, locked, user, item.contact);
    if (effect.revokes)
        presence::hide_sessions(core, locked, user, item.contact);
}

void send_in_order(Core &core, LockedDirectory &locked, User &user, OwnedPacket packet, Subscription subscription,
                   const std::string &contact, Work work)
{
    RosterItem item = item_for(user, contact);
    const RosterItem before = item;
    const SubscriptionEffect effect = apply_outbound(item, subscription);
    if (!roster::has_room(core, locked, user, item))
        return core.refuse(locked, packet.packet(), Condition::ResourceConstraint);
    if (item == before)
        return let_go(core, locked, user, packet.packet(), item, effect);
    OwnedPacket passed{packet.packet()};
    keep(core, locked, user, std::move(item), std::move(work), std::move(packet),
         [&core, &user, effect, passed = std::move(passed)](LockedDirectory &later, const RosterItem &kept) {
             if (effect.push)
                 roster::push_item(later, user, kept);
             let_go(core, later, user, passed.packet(), kept, effect);
         });
}

void let_in(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &packet, const RosterItem &item,
            const SubscriptionEffect &effect)
{
    if (effect.auto_reply)
        presence::send_to(core, locked, make_packet("presence", "subscribed", user.address, {}), item.contact);
    if (effect.pass_on) {
        jabberd_packet passed = packet;
        passed.from = view(item.contact);
        for (const auto &session : user.sessions) {
            if (session->available())
                locked.give(*session, passed);
        }
    }
    if (effect.push)
        roster::push_item(locked, user, item);
    if (effect.revokes)
        presence::hide_sessions(core, locked, user, item.contact);
}

void receive_in_order(Core &core, LockedDirectory &locked, User &user, OwnedPacket packet, Subscription subscription,
                      const std::string &contact, const std::string &request, Work work)
{
    if (!user.exists)
        return;
    RosterItem item = item_for(user, contact);
    const RosterItem before = item;
    const SubscriptionEffect effect = apply_inbound(item, subscription, request);
    if (!roster::has_room(core, locked, user, item))
        return; // an answer would tell a stranger which accounts there are
    if (item == before)
        return let_in(core, locked, user, packet.packet(), item, effect);
    OwnedPacket passed{packet.packet()};
    keep(core, locked, user, std::move(item), std::move(work), std::move(packet),
         [&core, &user, effect, passed = std::move(passed)](LockedDirectory &later, const RosterItem &kept) {
             let_in(core, later, user, passed.packet(), kept, effect);
         });
}

} // namespace

void send(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &packet, Subscription subscription,
          const std::string &contact)
{
    if (contact == user.address)
        return;
    OwnedPacket owned{packet};
    Work work = core.take_work(locked, core.causer_of(text(packet.from)), owned.bytes());
    if (!work)
        return core.refuse(locked, packet, Condition::ResourceConstraint);
    locked.change(user, contact,
                  [&core, subscription, contact, kept = std::move(owned),
                   held = std::move(work)](LockedDirectory &later, User &same) mutable {
                      send_in_order(core, later, same, std::move(kept), subscription, contact, std::move(held));
                  });
}

void receive(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &packet, Subscription subscription)
{
    const auto from = prepare_jid(text(packet.from));
    if (!from)
        return;
    if (user.unreadable)
        return core.refuse(locked, packet, condition_of(*user.unreadable));
    if (!user.exists) // an answer would tell a stranger which accounts there are
        return;
    OwnedPacket owned{packet};
    // One of an account here was admitted when it was sent, and is in its sender's roster already.
    const Causer causer = core.causer_of(text(packet.from));
    Work work = causer.kind == Causer::Kind::Host ? core.take_work(locked, causer, owned.bytes())
                                                  : core.work.hold(causer, owned.bytes());
    if (!work)
        return core.refuse(locked, packet, Condition::ResourceConstraint);
    const std::string contact = from->bare();
    std::string request = subscription == Subscription::Subscribe ? useful_part(text(packet.body)) : std::string{};
    locked.change(user, contact,
                  [&core, subscription, contact, request = std::move(request), kept = std::move(owned),
                   held = std::move(work)](LockedDirectory &later, User &same) mutable {
                      receive_in_order(core, later, same, std::move(kept), subscription, contact, request,
                                       std::move(held));
                  });
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
