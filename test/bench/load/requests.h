// SPDX-License-Identifier: LGPL-2.1-or-later
// The same clients in several ways of talking, one after the other, as standard input says.
#pragma once

#include "load/options.h"

namespace jabberd::bench {

// A request a line. Each is answered by `key value` lines, and an empty one:
//   login COUNT             until so many are logged in, as the options say; what they cost on the way
//   scram COUNT             the same by SCRAM, in which it is the client that hashes
//   talk WINDOW SECONDS     the pairs, as many messages as there are answers
//   rate NUMBER SECONDS     the pairs, so many messages a second in all
// Whoever is logged in beyond the pairs is idle. Returns at the end of the input; throws std::runtime_error at a line
// that is none of these.
void answer_requests(const Options &given);

} // namespace jabberd::bench
