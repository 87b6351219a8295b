// SPDX-License-Identifier: LGPL-2.1-or-later
// What must hold of a link whatever another process sends.
#pragma once

#include "fuzz/properties.h"

#include <string>
#include <string_view>

namespace jabberd::fuzz {

// By the first byte: frames for a peer, each behind its length (u16); messages for both sides of a greeting, likewise;
// a snapshot; or what comes by a broker. Frames and announcements are refused, or written again they are the same
// bytes; what a peer answers is frames. No greeting succeeds without the secret. A snapshot is refused, or its peers go
// on.
Failure link_holds(std::string_view input);

// An input that mostly makes sense.
std::string some_link_input(Random &random);

} // namespace jabberd::fuzz
