// SPDX-License-Identifier: LGPL-2.1-or-later
// What must hold of the names of hosts, and names to try it with.
#pragma once

#include "fuzz/properties.h"

#include <string>
#include <string_view>

namespace jabberd::fuzz {

// A name of letters that have several spellings, in one of them.
std::string some_host_name(Random &random);

// Each name has one spelling that stands for all, and is that host by it; two are one if, and only if, those are equal;
// and ICU, where there is one, says so, too.
Failure one_host_by_one_rule(std::string_view a, std::string_view b);

} // namespace jabberd::fuzz
