// SPDX-License-Identifier: LGPL-2.1-or-later
// By which rules the parser reads stanzas, and what of their children it has seen that sessions must know.
#pragma once

#include "xml/stanza.h"

#include <string_view>

namespace jabberd::packet {

// For what a client or a session manager sends. `digest_sid`: where it is not "", every <digest/> carries it as sid,
// whatever the client put there (XEP-0078 §4.1, and jabberd's own sid attribute). In any namespace: jabberd's session
// managers look for a child called digest and know no namespaces. Borrows it.
xml::Rules stanza_rules(const xml::Limits &limits, std::string_view digest_sid = {});

// Of a stanza that was read by these rules: whether it has <error code='510'/>, of any namespace, as a direct child...
bool carries_510(const xml::Stanza &stanza);

// ...or a direct child in the namespace of <connection/> (include/jabberd/session.h), which is for socket managers
// only.
bool claims_connection(const xml::Stanza &stanza);

// RFC 6120 §8.1
inline bool is_stanza_name(std::string_view name)
{
    return name == "message" || name == "presence" || name == "iq";
}

} // namespace jabberd::packet
