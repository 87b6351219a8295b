// SPDX-License-Identifier: LGPL-2.1-or-later
// What must hold of a log line whatever strangers bring into it, and text to try it with.
#pragma once

#include "fuzz/properties.h"

#include <string>
#include <string_view>

namespace jabberd::fuzz {

// As a message and as values: one object on one line, no longer than a line may be, UTF-8, without what does not print;
// and a reader has the text again, where it is UTF-8 and was not cut.
Failure is_one_line_of_json(std::string_view text);

// An address of a client and one of a user that stand in it by themselves are hidden, and to hide twice is to hide
// once.
Failure tells_of_no_person(std::string_view text);

// Text with addresses, quotations, numbers and bytes of all kinds.
std::string some_log_text(Random &random);

} // namespace jabberd::fuzz
