// SPDX-License-Identifier: LGPL-2.1-or-later
// How a libFuzzer program says that a property does not hold.
#pragma once

#include "fuzz/properties.h"

#include <cstdio>
#include <cstdlib>

namespace jabberd::fuzz {

inline void must_hold(const Failure &failure)
{
    if (!failure)
        return;
    std::fprintf(stderr, "%s\n", failure->c_str());
    std::abort();
}

} // namespace jabberd::fuzz
