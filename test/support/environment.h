// SPDX-License-Identifier: LGPL-2.1-or-later
// What meson tells a test by variables of the environment.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace jabberd::test {

// "": it is not set.
inline std::string environment(const char *name)
{
    const char *value = std::getenv(name); // NOLINT: no thread sets one meanwhile
    return value == nullptr ? "" : value;
}

// A test failure when it is not set.
inline std::string needed_environment(const char *name)
{
    const std::string value = environment(name);
    if (value.empty())
        ADD_FAILURE() << name << " is not set; run the tests through meson";
    return value;
}

} // namespace jabberd::test
