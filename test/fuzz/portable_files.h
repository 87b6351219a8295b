// SPDX-License-Identifier: LGPL-2.1-or-later
// What must hold of a file of accounts (XEP-0227), whoever wrote it.
#pragma once

#include "fuzz/properties.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace jabberd::fuzz {

// The same bytes in any pieces are the same accounts and the same remarks; and what was read, once written, is read as
// the same again, without a remark. Adds the number of accounts to `count`, where there is one.
Failure same_accounts(std::string_view file, Random &random, std::size_t *count = nullptr);

// A file that nearly makes sense.
std::string some_file(Random &random);

} // namespace jabberd::fuzz
