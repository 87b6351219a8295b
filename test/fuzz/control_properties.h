// SPDX-License-Identifier: LGPL-2.1-or-later
// What must hold of the control socket whatever its client sends.
#pragma once

#include "fuzz/properties.h"

namespace jabberd::fuzz {

// However the bytes are cut, their first line has the same answer: whole lines of JSON, one of them unless it asks for
// a trace or a stop, and then the end. Another client is answered meanwhile. What a trace shows is JSON, too.
Failure one_answer_in_any_cut(std::string_view request, Random &random);

// A request that mostly makes sense.
std::string some_request(Random &random);

} // namespace jabberd::fuzz
