/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The order of handover.h, walked with fixtures: what the old one had, the new one has, once. */
#include "abi/groups.h"
#include "abi/small_host.h"

#include <jabberd/handover.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

static const jabberd_config service = {
    .size = sizeof service, .name = "service", .xmlns = "", .text = "", .file = "service.xml", .line = 1};

static void load(struct small_host *host, const char *fixture)
{
    char path[4096];
    const char *folder = getenv("FIXTURES");
    if (folder == NULL)
        fail_msg("FIXTURES names no folder");
    snprintf(path, sizeof path, "%s/%s.so", folder, fixture);
    small_host_init(host, path);
}

static const jabberd_handover *handover_of(const struct small_host *host)
{
    return host->loaded.component->get_extension(host->instance, JABBERD_HANDOVER);
}

static void give(struct small_host *host, jabberd_view id)
{
    const jabberd_packet packet = {.size = sizeof packet, .name = VIEW("message"), .id = id};
    assert_int_equal(small_host_give(host, &packet), JABBERD_DONE);
}

static void has_seen(struct small_host *host, const char *expected)
{
    char seen[128];
    assert_true(small_host_status(host, "seen", seen, sizeof seen));
    assert_string_equal(seen, expected);
}

/* An old instance that has seen two packets, frozen, and a new one that is created. */
struct swap {
    struct small_host old, next;
    const jabberd_snapshot *snapshot;
};

static void begin(struct swap *swap, const char *next)
{
    load(&swap->old, "collector");
    assert_true(small_host_create(&swap->old, &service));
    assert_true(small_host_start(&swap->old));
    give(&swap->old, VIEW("1"));
    give(&swap->old, VIEW("2"));
    load(&swap->next, next);
    swap->next.succeeds = true;
    assert_true(small_host_create(&swap->next, &service));
    swap->snapshot = handover_of(&swap->old)->freeze(swap->old.instance, 2000);
    assert_non_null(swap->snapshot);
}

static void end(struct swap *swap)
{
    small_host_free(&swap->next);
    small_host_free(&swap->old);
}

static void the_new_one_has_what_the_old_one_gave(void **state)
{
    (void)state;
    struct swap swap;
    begin(&swap, "parallel_collector");
    assert_true(handover_of(&swap.next)->thaw(swap.next.instance, swap.snapshot));
    const int descriptor = swap.snapshot->descriptors[0];
    handover_of(&swap.old)->commit(swap.old.instance);
    small_host_destroy(&swap.old);
    assert_int_not_equal(fcntl(descriptor, F_GETFD), -1);
    assert_true(small_host_start(&swap.next));
    give(&swap.next, VIEW("3"));
    has_seen(&swap.next, "1 2 3 ");
    end(&swap);
}

static void the_old_one_goes_on_when_the_new_one_refuses(void **state)
{
    (void)state;
    struct swap swap;
    begin(&swap, "thaw_fails");
    const int descriptor = swap.snapshot->descriptors[0];
    assert_false(handover_of(&swap.next)->thaw(swap.next.instance, swap.snapshot));
    small_host_destroy(&swap.next);
    assert_int_not_equal(fcntl(descriptor, F_GETFD), -1);
    assert_true(handover_of(&swap.old)->thaw(swap.old.instance, swap.snapshot));
    give(&swap.old, VIEW("3"));
    has_seen(&swap.old, "1 2 3 ");
    end(&swap);
}

static void a_successor_is_told_that_it_is_one(void **state)
{
    (void)state;
    struct small_host host;
    load(&host, "succession_fails");
    host.succeeds = true;
    assert_false(small_host_create(&host, &service));
    assert_string_equal(host.last_report, "this cannot be inherited");
    host.succeeds = false;
    assert_true(small_host_create(&host, &service));
    small_host_free(&host);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_new_one_has_what_the_old_one_gave),
    cmocka_unit_test(the_old_one_goes_on_when_the_new_one_refuses),
    cmocka_unit_test(a_successor_is_told_that_it_is_one),
};

const struct cmocka_group handover_tests = CMOCKA_GROUP("Handover", tests);
