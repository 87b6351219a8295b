// SPDX-License-Identifier: LGPL-2.1-or-later
// Message Carbons (XEP-0280): which messages the other sessions of a user get copies of, and what a copy looks like.
#pragma once

#include "base/owned_packet.h"
#include "session_manager/core/core.h"

#include <optional>
#include <string>

namespace jabberd::session_manager::carbons {

inline constexpr std::string_view xmlns = "urn:xmpp:carbons:2";

// What the user whose sessions get the copies has done with the message.
enum class Side { Received, Sent };

// Whether the message is copied at all (XEP-0280 §6.1). Call without the lock: it may read the body. [any-thread]
bool is_copied(const jabberd_packet &message, Side side);

// The body without the <private/> that its receiver does not need to see; nothing when there is none. Call without the
// lock. [any-thread]
std::optional<std::string> without_private(const jabberd_packet &message);

// Whether the message may hold something that only the rules of carbons understand. [any-thread]
bool may_concern(const jabberd_packet &message);

// Gives the session a copy of the message.
void give(LockedDirectory &locked, Session &session, const jabberd_packet &message, Side side);

// A message that the session with this sender has just sent, to another user: copies to the sender's other sessions.
// Takes the lock.
void copy_sent(Core &core, const jabberd_packet &message);

// A copy, taken apart again.
struct Carbon {
    Side side;
    OwnedPacket message;
};
// Nothing when the message is no copy that was made here for `user` (a bare address). [any-thread]
std::optional<Carbon> carbon_in(const jabberd_packet &message, std::string_view user);

} // namespace jabberd::session_manager::carbons
