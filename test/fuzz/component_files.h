// SPDX-License-Identifier: LGPL-2.1-or-later
// What must hold of a component's file, before anything of it runs.
#pragma once

#include "fuzz/properties.h"

namespace jabberd::fuzz {

// Who the component is, or why it is none: nothing is read outside the file, what is told of it stands in it, and a
// file that has lost its end is refused or has the same identity.
Failure known_or_refused(std::string_view file);

// A file that is a component, as far as that can be seen without running it.
std::string some_component_file(Random &random);

} // namespace jabberd::fuzz
