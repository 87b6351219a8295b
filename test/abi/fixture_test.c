/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loads the fixtures: what is wrong in one way is refused for that reason, by a loader that has run none of its code.
 * FIXTURES in the environment is their folder. */
#include "abi/groups.h"
#include "abi/small_host.h"

#include <stdio.h>
#include <stdlib.h>

static void path_of(char *path, size_t size, const char *fixture)
{
    const char *folder = getenv("FIXTURES");
    if (folder == NULL)
        fail_msg("FIXTURES names no folder");
    snprintf(path, size, "%s/%s.so", folder, fixture);
}

struct wrong {
    const char *fixture, *reason;
};

static void is_refused(void **state)
{
    const struct wrong *wrong = *state;
    struct loaded_component loaded;
    char path[4096];
    path_of(path, sizeof path, wrong->fixture);
    unsetenv("JABBERD_FIXTURE_RAN");
    assert_false(load_component(path, &loaded));
    assert_null(loaded.library);
    if (strstr(loaded.refusal, wrong->reason) == NULL)
        fail_msg("refused because of \"%s\", not \"%s\"", loaded.refusal, wrong->reason);
    assert_null(getenv("JABBERD_FIXTURE_RAN"));
}

#define REFUSED(name, reason)                                                                                          \
    {                                                                                                                  \
        "refuses_" #name, is_refused, NULL, NULL, (void *)&(const struct wrong)                                        \
        {                                                                                                              \
#name, reason                                                                                              \
        }                                                                                                              \
    }

/* Its echo comes back with sto and sfrom swapped: every call of the ABI has been made once. */
static void works(void **state)
{
    struct small_host host;
    char path[4096];
    const jabberd_config service = {
        .size = sizeof service, .name = "service", .xmlns = "", .text = "", .file = "service.xml", .line = 1};
    const jabberd_packet packet = {
        .size = sizeof packet, .name = VIEW("message"), .sto = VIEW("1@c2s/x"), .sfrom = VIEW("a@foo.com")};
    const char *fixture = *state, *folder_end = strrchr(fixture, '/');
    path_of(path, sizeof path, fixture);
    small_host_init(&host, path);
    assert_string_equal(host.loaded.identity.name, folder_end == NULL ? fixture : folder_end + 1);
    assert_true(small_host_create(&host, &service));
    assert_true(small_host_start(&host));
    assert_int_equal(small_host_give(&host, &packet), JABBERD_DONE);
    assert_string_equal(host.last_sto, "a@foo.com");
    assert_string_equal(host.last_sfrom, "1@c2s/x");
    small_host_stop(&host);
    small_host_free(&host);
}

#define WORKS(name)                                                                                                    \
    {                                                                                                                  \
        "loads_" #name, works, NULL, NULL, #name                                                                       \
    }

static void creation_may_fail_with_a_report(void **state)
{
    (void)state;
    struct small_host host;
    char path[4096];
    const jabberd_config service = {
        .size = sizeof service, .name = "service", .xmlns = "", .text = "", .file = "service.xml", .line = 7};
    path_of(path, sizeof path, "create_fails");
    small_host_init(&host, path);
    assert_false(small_host_create(&host, &service));
    assert_int_equal(host.errors, 1);
    assert_int_equal(host.last_line, 7);
    small_host_free(&host);
}

static void start_may_fail_and_is_followed_by_destroy(void **state)
{
    (void)state;
    struct small_host host;
    char path[4096];
    const jabberd_config service = {
        .size = sizeof service, .name = "service", .xmlns = "", .text = "", .file = "service.xml", .line = 1};
    path_of(path, sizeof path, "start_fails");
    small_host_init(&host, path);
    assert_true(small_host_create(&host, &service));
    assert_false(small_host_start(&host));
    small_host_free(&host);
}

static void handlers_are_registered_early_or_not_at_all(void **state)
{
    (void)state;
    struct small_host host;
    char path[4096];
    const jabberd_config service = {
        .size = sizeof service, .name = "service", .xmlns = "", .text = "", .file = "service.xml", .line = 1};
    path_of(path, sizeof path, "registers_late");
    small_host_init(&host, path);
    assert_true(small_host_create(&host, &service));
    assert_true(small_host_start(&host));
    unsetenv("JABBERD_FIXTURE_REFUSED");
    small_host_stop(&host);
    assert_non_null(getenv("JABBERD_FIXTURE_REFUSED"));
    assert_int_equal(host.handler_count, 1);
    small_host_free(&host);
}

static const struct CMUnitTest tests[] = {
    REFUSED(absent, "no identity note"),
    REFUSED(no_note, "no identity note"),
    REFUSED(foreign_note, "no identity note"),
    REFUSED(other_note_type, "no identity note"),
    REFUSED(other_major, "made for ABI 2, this is 1"),
    REFUSED(unterminated_name, "no readable name"),
    REFUSED(empty_name, "no readable name"),
    REFUSED(no_symbol, "no symbol jabberd_component"),
    REFUSED(undefined_symbol, "a_function_that_nobody_has"),
    REFUSED(too_small, "too small"),
    REFUSED(unknown_thread_model, "unknown thread model"),
    REFUSED(no_create, "no create, start or destroy"),
    REFUSED(no_start, "no create, start or destroy"),
    REFUSED(no_destroy, "no create, start or destroy"),
    WORKS(good),
    WORKS(newer),
    WORKS(yesterday),
#ifdef __x86_64__
    {"loads_a_binary_of_1_0", works, NULL, NULL, (void *)"frozen/yesterday"},
#endif
    cmocka_unit_test(creation_may_fail_with_a_report),
    cmocka_unit_test(start_may_fail_and_is_followed_by_destroy),
    cmocka_unit_test(handlers_are_registered_early_or_not_at_all),
};

const struct cmocka_group fixture_tests = CMOCKA_GROUP("Fixtures", tests);
