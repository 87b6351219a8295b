// SPDX-License-Identifier: LGPL-2.1-or-later
// What must hold of the two dialects of classic hosts, whatever such a host delivers.
#pragma once

#include "fuzz/properties.h"

#include <string>
#include <string_view>
#include <vector>

namespace jabberd::fuzz {

enum class Spoken {
    Session,           // sto and sfrom
    Route,             // <route/>
    RouteInNamespaces, // the same in jabber:server
};

// What the socket manager sends comes back as it was, when its session manager sends it back. One element.
Failure comes_back_as_it_was(Spoken spoken, std::string_view stanza);

// Each line is an element of the host; or "login 1", "send 1 <message/>", "leave 1" of one of a few clients. Whatever
// they are: nothing is told to another connection than it is for; nothing ends more than a session; a client is told
// that its session has ended when it has one, and once; and it never sees an envelope, nor session attributes.
Failure stays_between_connection_and_session(Spoken spoken, const std::vector<std::string> &lines);

// For that.
std::vector<std::string> some_lines(Random &random);

// What is known of sessions is never more than there were connections at a time.
Failure forgets_sessions_with_their_places(Random &random);

} // namespace jabberd::fuzz
