// SPDX-License-Identifier: LGPL-2.1-or-later
// A file that a host writes its log into while the test goes on.
#pragma once

#include <string>

namespace jabberd::test {

// All of it so far; empty while there is none.
std::string contents_of(const std::string &file);

// Until `part` has been written so many times: what a client sees may come before the line that says why. A test
// failure when it is not.
bool wait_for_log(const std::string &file, const std::string &part, unsigned times = 1);

} // namespace jabberd::test
