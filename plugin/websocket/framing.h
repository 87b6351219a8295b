// SPDX-License-Identifier: LGPL-2.1-or-later
// How the elements of a stream lie in the messages of a WebSocket (RFC 7395).
#pragma once

#include "stream/framing.h"

#include <string_view>

namespace jabberd::websocket {

inline constexpr char framing_namespace[] = "urn:ietf:params:xml:ns:xmpp-framing";

// RFC 7395 §3.3: each element is a document of its own, in a message of its own, and declares its namespaces; the
// stream begins with <open/> and ends with <close/>.
const stream::Framing &one_element_a_message();

} // namespace jabberd::websocket
