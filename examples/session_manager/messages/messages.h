// SPDX-License-Identifier: LGPL-2.1-or-later
// Where a message goes (RFC 6121 §8.5).
#pragma once

#include "session_manager/core/core.h"

namespace jabberd::session_manager::messages {

// A message for a local user: to the session it names, else to those of the highest priority, else stored, else
// refused. A Core::Receive.
void receive(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &message);

// The same, and a copy for each of the user's sessions with carbons that does not get the message itself and has not
// sent it. A Core::Receive.
void receive_and_copy(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &message);

// A message that a connection of this user, its sfrom, gave back unwritten, otherwise in its old form. The session it
// was for has ended. A Core::Receive.
void receive_returned(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &message);

} // namespace jabberd::session_manager::messages
