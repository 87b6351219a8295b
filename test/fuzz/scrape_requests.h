// SPDX-License-Identifier: LGPL-2.1-or-later
// What must hold of the metrics listener's requests whatever a client sends, and requests to try it with.
#pragma once

#include "fuzz/properties.h"

#include <string>
#include <string_view>

namespace jabberd::fuzz {

// A request is judged at the last byte of its header, or where that is too long, and not before; what follows changes
// nothing.
Failure judged_at_its_end(std::string_view bytes);

// Whatever is asked: one answer of HTTP, whose length is what it says, and in which nothing is that the client has
// sent.
Failure answered_in_words_of_ours(std::string_view bytes);

// A request that mostly makes sense.
std::string some_scrape(Random &random);

} // namespace jabberd::fuzz
