// SPDX-License-Identifier: LGPL-2.1-or-later
// Subscription packets: the state machine of roster/subscription.h with packets on both sides (RFC 6121 §3).
#pragma once

#include "session_manager/core/core.h"
#include "session_manager/roster/subscription.h"

namespace jabberd::session_manager::subscriptions {

// The user's client sent one to the contact (prepared bare address).
void send(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &packet, Subscription subscription,
          const std::string &contact);

// One came for the user.
void receive(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &packet, Subscription subscription);

// Ends both subscriptions with the contact, as a removal from the roster does. The item itself is the caller's.
void cancel(Core &core, LockedDirectory &locked, const User &user, const RosterItem &item);

} // namespace jabberd::session_manager::subscriptions
