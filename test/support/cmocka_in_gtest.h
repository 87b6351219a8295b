// SPDX-License-Identifier: LGPL-2.1-or-later
// CMocka tests inside the GoogleTest runner: the C tests of the C ABI, in the one report of the project.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
struct CMUnitTest; // cmocka.h has a macro fail(), which C++'s streams do not survive
extern "C" {
#else
#include <cmocka.h>
#endif

// What a C file of tests exports; its tests stay static.
struct cmocka_group {
    const char *name; // the GoogleTest suite: "Layout"
    const struct CMUnitTest *tests;
    size_t count;
};

#define CMOCKA_GROUP(group_name, test_array)                                                                           \
    {                                                                                                                  \
        group_name, test_array, sizeof(test_array) / sizeof((test_array)[0])                                           \
    }

#ifdef __cplusplus
} // extern "C"

namespace jabberd::test {

// Registers each test of the group as the GoogleTest "name.test"; call it before RUN_ALL_TESTS(). --gtest_filter,
// --gtest_repeat, --gtest_shuffle and the XML report then see the C tests as they see any other.
//
// A test still runs inside CMocka, as a group of one with its own set-up and tear-down, so that CMocka's assertions
// have something to jump out to. What CMocka prints is caught on its way to standard output and error; a failed
// assertion becomes a GoogleTest failure at the file and line of the C assertion, skip() becomes GTEST_SKIP(). CMocka's
// own verdict decides, not its words.
void register_cmocka_group(const cmocka_group &group);

} // namespace jabberd::test
#endif
