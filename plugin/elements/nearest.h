// SPDX-License-Identifier: LGPL-2.1-or-later
// What an operator may have meant by a name that is none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jabberd::elements {

// The one of `known` that is most like `name`: mistyped, cut off, or in other letters. "" when none is near.
std::string nearest(std::string_view name, const std::vector<std::string> &known);

} // namespace jabberd::elements
