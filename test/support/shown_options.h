// SPDX-License-Identifier: LGPL-2.1-or-later
// What an example configuration shows in its comments, as if it were configured.
#pragma once

#include <string>

namespace jabberd::test {

// The file with the elements out of those comments that begin with one, or with "What"; the words around them
// are left out, and so are the other comments.
std::string with_shown_options(const std::string &xml);

} // namespace jabberd::test
