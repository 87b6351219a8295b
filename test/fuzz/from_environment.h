// SPDX-License-Identifier: LGPL-2.1-or-later
// More cases with FUZZ_CASES in the environment, and others with FUZZ_SEED.
#pragma once

#include <cstdlib>

namespace jabberd::fuzz {

inline unsigned from_environment(const char *name, unsigned usual)
{
    const char *value = std::getenv(name);
    return value == nullptr ? usual : static_cast<unsigned>(std::strtoul(value, nullptr, 10));
}

} // namespace jabberd::fuzz
