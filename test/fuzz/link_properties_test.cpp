// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of links, tried on the same thousands of cases every time.
#include "fuzz/link_properties.h"

#include <gtest/gtest.h>

namespace jabberd::fuzz {
namespace {

TEST(LinkProperty, WhateverComesIsRefusedOrUnderstood)
{
    Random random{1};
    for (unsigned i = 0; i < 20'000; ++i) {
        const Failure failure = link_holds(some_link_input(random));
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
    }
}

} // namespace
} // namespace jabberd::fuzz
