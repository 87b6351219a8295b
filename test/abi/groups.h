/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The groups of C tests, one a file. */
#ifndef ABI_GROUPS_H
#define ABI_GROUPS_H

#include "support/cmocka_in_gtest.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const struct cmocka_group layout_tests;
extern const struct cmocka_group fixture_tests;
extern const struct cmocka_group handover_tests;
extern const struct cmocka_group lifecycle_tests;
extern const struct cmocka_group configuration_tests;

#ifdef __cplusplus
}
#endif

#endif
