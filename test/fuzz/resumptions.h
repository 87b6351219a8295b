// SPDX-License-Identifier: LGPL-2.1-or-later
// What must hold of a session whose client comes and goes (XEP-0198), as a play that any bytes are.
#pragma once

#include "fuzz/properties.h"

#include <string>
#include <string_view>

namespace jabberd::fuzz {

// Numbered stanzas go both ways while the client is cut off, comes back, acknowledges, reads or does not, the session
// manager is full, time passes and successors take over. In the end each stanza has arrived once and in order; of a
// session that was over before, the session manager has back what was not acknowledged, and nothing else.
Failure nothing_is_lost_or_doubled(std::string_view play);

std::string some_play(Random &random);

} // namespace jabberd::fuzz
