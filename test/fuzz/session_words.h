// SPDX-License-Identifier: LGPL-2.1-or-later
// The XML of one line of a script.
#pragma once

#include "fuzz/session_script.h"

namespace jabberd::fuzz {

// Each a line's second character: up to b before a login, the rest in a session.
inline constexpr std::string_view verbs = "fgadqpPlLsexbrRSmotuvVwWikKnNyBUch";

// Not always well-formed: text of the line's own is in it. Notes in `asked` which password is.
std::string words_of(const Line &line, const std::string &connected_to, const std::vector<std::string> &sessions,
                     Asked &asked);

} // namespace jabberd::fuzz
