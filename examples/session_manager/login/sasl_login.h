// SPDX-License-Identifier: LGPL-2.1-or-later
// SASL (RFC 6120 §6, XEP-0388): the packets of clients that log in with it.
#pragma once

#include "session_manager/core/core.h"

namespace jabberd::session_manager {

// Whether the packet is SASL's; in either direction.
bool is_sasl(const jabberd_packet &packet);

// Takes one that a connection sends before login: sto is a host, sfrom the connection. Never blocks; the answer comes
// as a packet.
void take_sasl(Core &core, const jabberd_packet &packet);

// Ends the exchange of one that cannot be taken now.
void refuse_sasl(Core &core, const jabberd_packet &packet);

} // namespace jabberd::session_manager
