// SPDX-License-Identifier: LGPL-2.1-or-later
// What must hold of examples/plain_socket_manager, whatever its peers send: the properties of ours, of the whole of it.
#pragma once

#include "fuzz/properties.h"

#include <string>
#include <string_view>

namespace jabberd::fuzz {

// A client that sends these bytes, before a login and after one. What is routed is one well-formed element, as expat
// reads it, with one pair of session attributes, ours; its children are those that expat reads in the client's own
// bytes; it is not much longer than what came; and any chunking of the bytes gives the same packets. What the client
// hears is one well-formed stream, or the beginning of one.
Failure plain_routes_rightly(std::string_view stream, Random &random);

// A packet of the session manager, whatever is in it: what the client hears is well-formed and has no session
// attribute, and a packet that is not of its session ends nothing.
Failure plain_tells_rightly(std::string_view name, std::string_view attribute, std::string_view value,
                            std::string_view body);

} // namespace jabberd::fuzz
