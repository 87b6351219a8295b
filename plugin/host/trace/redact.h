// SPDX-License-Identifier: LGPL-2.1-or-later
// A packet as it may be shown to operators: without secrets.
#pragma once

#include <jabberd/packet.h>

#include <string>

namespace jabberd::host {

// The packet as XML, sto and sfrom written out. Hidden behind … are: all text of jabber:iq:auth, jabber:iq:register,
// SASL and <connection/> elements but what is known to be harmless (user name, resource), and what any element called
// password or digest says. A body that is not well-formed is hidden as a whole, for nothing can be found in it.
std::string redacted(const jabberd_packet &packet);

} // namespace jabberd::host
