// SPDX-License-Identifier: LGPL-2.1-or-later
// Presence: which contacts are told of a session, and which are asked for theirs (RFC 6121 §4).
#pragma once

#include "session_manager/core/core.h"

#include <string_view>

namespace jabberd::session_manager::presence {

// The session announced itself, or again with another state. `stamped` has from = session id and no `to`.
void announce(Core &core, LockedDirectory &locked, Session &session, const jabberd_packet &stamped, int priority);

// The session is available no more; tells all that know of it, with the children of `stamped`.
void withdraw(Core &core, LockedDirectory &locked, Session &session, const jabberd_packet &stamped);

// Directed presence, available or unavailable, to the prepared address.
void direct(Core &core, LockedDirectory &locked, Session &session, const jabberd_packet &stamped,
            const std::string &to);

// Presence for a local user: a notification, a probe, or a subscription. A Core::Receive.
void receive(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &presence);

// A presence packet to a prepared address here or elsewhere; to a local user only where it has an effect.
void send_to(Core &core, LockedDirectory &locked, jabberd_packet packet, const std::string &to);

// The contact learns of all sessions of the user; or that there are none any more.
void show_sessions(Core &core, LockedDirectory &locked, const User &user, const std::string &contact);
void hide_sessions(Core &core, LockedDirectory &locked, const User &user, const std::string &contact);

// The user's sessions learn of all sessions of the contact.
void look_for(Core &core, LockedDirectory &locked, const User &user, const std::string &contact);

} // namespace jabberd::session_manager::presence
