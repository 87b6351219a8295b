// SPDX-License-Identifier: LGPL-2.1-or-later
// Presence: who is told that a session is there, and who is asked (RFC 6121 §4).
#pragma once

#include "session_manager/core/core.h"

#include <string_view>

namespace jabberd::session_manager::presence {

// The session announced itself, or again with another state. `stamped` has from = session id and no `to`.
void announce(Core &core, Turn &turn, Session &session, const jabberd_packet &stamped, int priority);

// The session is available no more; tells whoever knew, with the children of `stamped`.
void withdraw(Core &core, Turn &turn, Session &session, const jabberd_packet &stamped);

// Directed presence, available or unavailable, to the prepared address.
void direct(Core &core, Turn &turn, Session &session, const jabberd_packet &stamped, const std::string &to);

// Presence for a local user: a notification, a probe, or a subscription. A Core::Receive.
void receive(Core &core, Turn &turn, User &user, const jabberd_packet &presence);

// A presence packet to a prepared address here or elsewhere; to a local user only if somebody could notice.
void send_to(Core &core, Turn &turn, jabberd_packet packet, const std::string &to);

// The contact learns of all sessions of the user; or that there are none any more.
void show_sessions(Core &core, Turn &turn, const User &user, const std::string &contact);
void hide_sessions(Core &core, Turn &turn, const User &user, const std::string &contact);

} // namespace jabberd::session_manager::presence
