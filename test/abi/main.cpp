// SPDX-License-Identifier: LGPL-2.1-or-later
// The C tests of the ABI, run as GoogleTests.
#include "abi/groups.h"

#include <gtest/gtest.h>

int main(int argc, char **argv)
{
    testing::InitGoogleTest(&argc, argv);
    for (const cmocka_group *group :
         {&layout_tests, &fixture_tests, &configuration_tests, &lifecycle_tests, &handover_tests})
        jabberd::test::register_cmocka_group(*group);
    return RUN_ALL_TESTS();
}
