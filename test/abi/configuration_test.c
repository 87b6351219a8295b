/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The socket manager's configuration, given as a host gives it: every mistake is reported at its line, all of them
 * before it fails. */
#include "abi/groups.h"
#include "abi/small_host.h"

#define ELEMENT(element_name, content, at_line, following)                                                             \
    {                                                                                                                  \
        .size = sizeof(jabberd_config), .name = element_name, .xmlns = "", .text = content, .file = "jabber.xml",      \
        .line = at_line, .next = following                                                                             \
    }

#define SECTION(children)                                                                                              \
    {                                                                                                                  \
        .size = sizeof(jabberd_config), .name = "c2s", .xmlns = "jabber:config:socket-manager", .text = "",            \
        .file = "jabber.xml", .line = 2, .first_child = children                                                       \
    }

static const jabberd_config_attribute any_port[] = {{"port", "0"}};

#define LISTEN(at_line, following)                                                                                     \
    {                                                                                                                  \
        .size = sizeof(jabberd_config), .name = "listen", .xmlns = "", .text = "127.0.0.1", .file = "jabber.xml",      \
        .line = at_line, .attributes = any_port, .attribute_count = 1, .next = following                               \
    }

static void create_and_free(struct small_host *host, const jabberd_config *section, bool expected)
{
    const jabberd_config service = {.size = sizeof service,
                                    .name = "service",
                                    .xmlns = "",
                                    .text = "",
                                    .file = "jabber.xml",
                                    .line = 1,
                                    .first_child = section};
    small_host_init(host, NULL);
    const bool created = small_host_create(host, &service);
    small_host_free(host);
    if (created != expected)
        fail_msg("%s; last report, line %u: %s", created ? "created" : "not created", host->last_line,
                 host->last_report);
}

static void a_service_without_our_section_is_an_error(void **state)
{
    (void)state;
    struct small_host host;
    create_and_free(&host, NULL, false);
    assert_int_equal(host.errors, 1);
    assert_int_equal(host.last_line, 1);
}

static void a_section_without_listen_is_an_error(void **state)
{
    (void)state;
    struct small_host host;
    const jabberd_config section = SECTION(NULL);
    create_and_free(&host, &section, false);
    assert_int_equal(host.errors, 1);
    assert_int_equal(host.last_line, 2);
}

static void all_mistakes_are_reported_before_it_fails(void **state)
{
    (void)state;
    struct small_host host;
    const jabberd_config threads = ELEMENT("threads", "many", 6, NULL);
    const jabberd_config authtime = ELEMENT("authtime", "0", 5, &threads);
    const jabberd_config name = ELEMENT("host", "not a host", 4, &authtime);
    const jabberd_config listen = LISTEN(3, &name);
    const jabberd_config section = SECTION(&listen);
    create_and_free(&host, &section, false);
    assert_int_equal(host.errors, 3);
    assert_int_equal(host.last_line, 6);
    assert_non_null(strstr(host.last_report, "many"));
}

static void an_unknown_option_is_a_warning_at_its_line(void **state)
{
    (void)state;
    struct small_host host;
    const jabberd_config unknown = ELEMENT("colour", "blue", 4, NULL);
    const jabberd_config listen = LISTEN(3, &unknown);
    const jabberd_config section = SECTION(&listen);
    create_and_free(&host, &section, true);
    assert_int_equal(host.errors, 0);
    assert_int_equal(host.warnings, 1);
    assert_int_equal(host.last_line, 4);
    assert_non_null(strstr(host.last_report, "colour"));
}

static void an_address_that_cannot_be_bound_is_an_error(void **state)
{
    (void)state;
    struct small_host host;
    jabberd_config listen = LISTEN(3, NULL);
    listen.text = "192.0.2.1"; /* of nobody, RFC 5737 */
    const jabberd_config section = SECTION(&listen);
    create_and_free(&host, &section, false);
    assert_int_equal(host.errors, 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_service_without_our_section_is_an_error),
    cmocka_unit_test(a_section_without_listen_is_an_error),
    cmocka_unit_test(all_mistakes_are_reported_before_it_fails),
    cmocka_unit_test(an_unknown_option_is_a_warning_at_its_line),
    cmocka_unit_test(an_address_that_cannot_be_bound_is_an_error),
};

const struct cmocka_group configuration_tests = CMOCKA_GROUP("Configuration", tests);
