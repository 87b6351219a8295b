// SPDX-License-Identifier: LGPL-2.1-or-later
// What must hold of a stream with a server that is in front of us (examples/upstream), whatever that sends.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jabberd::fuzz {

// The same bytes in any chunks, with a swap between any two, are the same features, elements and end; and what is
// offered of the features can be offered: it is well-formed, and has nothing that is between neighbours only.
std::optional<std::string> same_server_stream(std::string_view bytes, unsigned seed);

} // namespace jabberd::fuzz
