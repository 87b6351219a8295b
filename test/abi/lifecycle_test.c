/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The life of a socket manager, driven from C: it leaves no thread, no descriptor and no code behind, and answers as
 * promised in every state. */
#include "abi/groups.h"
#include "abi/small_host.h"

#include <jabberd/inspect.h>
#include <jabberd/metrics.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const jabberd_config_attribute any_port[] = {{"port", "0"}};
static const jabberd_config listen_on = {.size = sizeof listen_on,
                                         .name = "listen",
                                         .xmlns = "",
                                         .text = "127.0.0.1",
                                         .file = "jabber.xml",
                                         .line = 3,
                                         .attributes = any_port,
                                         .attribute_count = 1};
static const jabberd_config section = {.size = sizeof section,
                                       .name = "c2s",
                                       .xmlns = "jabber:config:socket-manager",
                                       .text = "",
                                       .file = "jabber.xml",
                                       .line = 2,
                                       .first_child = &listen_on};
static const jabberd_config service = {.size = sizeof service,
                                       .name = "service",
                                       .xmlns = "",
                                       .text = "",
                                       .file = "jabber.xml",
                                       .line = 1,
                                       .first_child = &section};

static const jabberd_packet late = {.size = sizeof late,
                                    .name = VIEW("message"),
                                    .type = VIEW("chat"),
                                    .sto = VIEW("1@c2s/gone"),
                                    .sfrom = VIEW("bob@foo.com"),
                                    .body = VIEW("<body>hi</body>")};

static unsigned entries(const char *folder)
{
    unsigned count = 0;
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    while (readdir(directory) != NULL)
        ++count;
    closedir(directory);
    return count;
}

static bool is_mapped(const char *path)
{
    char line[4608];
    bool found = false;
    FILE *maps = fopen("/proc/self/maps", "re");
    assert_non_null(maps);
    const char *name = strrchr(path, '/') == NULL ? path : strrchr(path, '/');
    while (fgets(line, sizeof line, maps) != NULL)
        found = found || strstr(line, name) != NULL;
    fclose(maps);
    return found;
}

/* -1: refused. */
static int dial(struct small_host *host)
{
    char address[64] = "";
    assert_true(small_host_status(host, "listen", address, sizeof address));
    const char *colon = strrchr(address, ':');
    assert_non_null(colon);
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(colon + 1)), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    close(fd);
    return -1;
}

static int set_up(void **state)
{
    struct small_host *host = malloc(sizeof *host);
    small_host_init(host, NULL);
    *state = host;
    return 0;
}

static int tear_down(void **state)
{
    small_host_free(*state);
    free(*state);
    return 0;
}

static void says_who_it_is(void **state)
{
    const struct small_host *host = *state;
    assert_string_equal(host->loaded.identity.name, "socket_manager");
    assert_string_not_equal(host->loaded.identity.version, "");
    assert_int_equal(host->loaded.identity.abi_minor, JABBERD_ABI_MINOR);
    assert_int_equal(host->loaded.component->size, sizeof(jabberd_component));
}

static void reads_three_kinds_of_section(void **state)
{
    const struct small_host *host = *state;
    const char *expected[] = {"jabber:config:socket-manager", "jabberd:pth-csock:config", "jabber:config:pth-csock"};
    const char *const *names = host->loaded.component->config_namespaces;
    assert_non_null(names);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; ++i) {
        const char *const *name = names;
        while (*name != NULL && strcmp(*name, expected[i]) != 0)
            ++name;
        if (*name == NULL)
            fail_msg("it does not say that it reads %s", expected[i]);
    }
}

static void may_be_destroyed_without_being_started(void **state)
{
    struct small_host *host = *state;
    const unsigned threads = entries("/proc/self/task");
    assert_true(small_host_create(host, &service));
    assert_int_equal(entries("/proc/self/task"), threads);
    assert_int_equal(host->delivered, 0);
    small_host_destroy(host);
}

static void listens_from_start_to_stop(void **state)
{
    struct small_host *host = *state;
    assert_true(small_host_create(host, &service));
    assert_true(small_host_start(host));
    const int fd = dial(host);
    assert_int_not_equal(fd, -1);
    small_host_stop(host);
    char rest[256];
    while (recv(fd, rest, sizeof rest, 0) > 0) /* told, and then closed: this ends */
        continue;
    close(fd);
}

static void refuses_a_packet_without_sto(void **state)
{
    struct small_host *host = *state;
    const jabberd_packet plain = {
        .size = sizeof plain, .name = VIEW("message"), .to = VIEW("1@c2s/gone"), .from = VIEW("bob@foo.com")};
    assert_true(small_host_create(host, &service));
    assert_true(small_host_start(host));
    assert_int_equal(small_host_give(host, &plain), JABBERD_ERROR);
    assert_int_equal(host->delivered, 0);
    small_host_stop(host);
}

static void returns_a_packet_for_nobody_while_it_runs(void **state)
{
    struct small_host *host = *state;
    assert_true(small_host_create(host, &service));
    assert_true(small_host_start(host));
    assert_int_equal(small_host_give(host, &late), JABBERD_DONE);
    small_host_stop(host);
    small_host_destroy(host); /* whatever thread returns it has done so */
    assert_int_equal(host->delivered, 1);
    assert_string_equal(host->last_sto, "bob@foo.com");
    assert_string_equal(host->last_sfrom, "1@c2s/gone");
}

/* Passed, the host returns it; taken, the component has to. */
static void loses_no_packet_once_it_is_stopped(void **state)
{
    struct small_host *host = *state;
    assert_true(small_host_create(host, &service));
    assert_true(small_host_start(host));
    small_host_stop(host);
    const jabberd_result result = small_host_give(host, &late);
    small_host_destroy(host);
    assert_int_equal(host->delivered, result == JABBERD_PASS ? 0 : 1);
}

static void resume_may_come_at_any_time(void **state)
{
    struct small_host *host = *state;
    const jabberd_component *component = host->loaded.component;
    assert_non_null(component->resume);
    assert_true(small_host_create(host, &service));
    component->resume(host->instance);
    assert_true(small_host_start(host));
    component->resume(host->instance);
    small_host_stop(host);
    component->resume(host->instance);
}

static void knows_no_unknown_extension(void **state)
{
    struct small_host *host = *state;
    assert_true(small_host_create(host, &service));
    assert_non_null(host->loaded.component->get_extension(host->instance, JABBERD_INSPECT));
    assert_null(host->loaded.component->get_extension(host->instance, "jabberd.inspect/999"));
    assert_null(host->loaded.component->get_extension(host->instance, ""));
}

/* What a host sees of a collect(). */
struct seen_metrics {
    jabberd_metric_type type; /* of the family that was told last */
    unsigned families, samples;
};

static void see_family(void *data, const jabberd_metric_family *family)
{
    struct seen_metrics *seen = data;
    static const char begin[] = "socket_manager_";
    assert_true(JABBERD_HAS(family, help));
    assert_true(family->name.size > sizeof begin - 1);
    assert_memory_equal(family->name.data, begin, sizeof begin - 1);
    assert_true(family->help.size > 0 && family->help.data[family->help.size - 1] == '.');
    assert_in_range(family->type, JABBERD_COUNTER, JABBERD_HISTOGRAM);
    if (family->unit.size > 0) {
        assert_true(family->name.size > family->unit.size);
        assert_memory_equal(family->name.data + family->name.size - family->unit.size, family->unit.data,
                            family->unit.size);
    }
    seen->type = family->type;
    ++seen->families;
}

static void see_sample(void *data, const jabberd_metric_sample *sample)
{
    struct seen_metrics *seen = data;
    assert_true(JABBERD_HAS(sample, count));
    assert_true(seen->families > 0);
    for (size_t i = 0; i < sample->label_count; ++i)
        assert_false(sample->labels[i].name.size == 7 && memcmp(sample->labels[i].name.data, "service", 7) == 0);
    if (seen->type == JABBERD_HISTOGRAM) {
        assert_true(sample->bucket_count > 0);
        for (size_t i = 1; i < sample->bucket_count; ++i) {
            assert_true(sample->buckets[i].most > sample->buckets[i - 1].most);
            assert_true(sample->buckets[i].count >= sample->buckets[i - 1].count);
        }
        assert_true(sample->count >= sample->buckets[sample->bucket_count - 1].count);
    } else
        assert_true(sample->value >= 0);
    ++seen->samples;
}

static void tells_metrics_while_it_runs_and_when_it_is_stopped(void **state)
{
    struct small_host *host = *state;
    assert_true(small_host_create(host, &service));
    const jabberd_metrics *metrics = host->loaded.component->get_extension(host->instance, JABBERD_METRICS);
    assert_non_null(metrics);
    assert_true(small_host_start(host));
    struct seen_metrics running = {0}, stopped = {0};
    jabberd_metric_sink sink = {sizeof sink, &running, see_family, see_sample};
    metrics->collect(host->instance, &sink);
    assert_true(running.families > 10 && running.samples > running.families);
    small_host_stop(host);
    sink.data = &stopped;
    metrics->collect(host->instance, &sink);
    assert_int_equal(stopped.families, running.families);
    assert_int_equal(stopped.samples, running.samples);
}

static void works_in_a_newer_host(void **state)
{
    struct small_host *host = *state;
    host->host.size = sizeof host->host + 4096; /* fields that it does not know, and must not copy */
    assert_true(small_host_create(host, &service));
    assert_true(small_host_start(host));
    small_host_stop(host);
}

static void two_instances_do_not_know_each_other(void **state)
{
    struct small_host *one = *state, two;
    small_host_init(&two, NULL);
    assert_true(small_host_create(one, &service));
    assert_true(small_host_create(&two, &service));
    assert_true(small_host_start(one));
    assert_true(small_host_start(&two));
    small_host_stop(one);
    small_host_destroy(one);
    const int fd = dial(&two);
    assert_int_not_equal(fd, -1);
    close(fd);
    small_host_stop(&two);
    small_host_free(&two);
}

static void leaves_no_thread_and_no_descriptor(void **state)
{
    struct small_host *host = *state;
    const unsigned threads = entries("/proc/self/task"), descriptors = entries("/proc/self/fd");
    for (int round = 0; round < 20; ++round) {
        assert_true(small_host_create(host, &service));
        assert_true(small_host_start(host));
        close(dial(host));
        small_host_stop(host);
        small_host_destroy(host);
    }
    assert_int_equal(entries("/proc/self/task"), threads);
    assert_int_equal(entries("/proc/self/fd"), descriptors);
}

static void leaves_no_code(void **state)
{
    (void)state;
    struct small_host host;
    const char *path = getenv("COMPONENT");
    small_host_init(&host, path);
    assert_true(is_mapped(path));
    assert_true(small_host_create(&host, &service));
    assert_true(small_host_start(&host));
    close(dial(&host));
    small_host_stop(&host);
    small_host_free(&host);
    assert_false(is_mapped(path));
}

#define WITH_A_HOST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    WITH_A_HOST(says_who_it_is),
    WITH_A_HOST(reads_three_kinds_of_section),
    WITH_A_HOST(may_be_destroyed_without_being_started),
    WITH_A_HOST(listens_from_start_to_stop),
    WITH_A_HOST(refuses_a_packet_without_sto),
    WITH_A_HOST(returns_a_packet_for_nobody_while_it_runs),
    WITH_A_HOST(loses_no_packet_once_it_is_stopped),
    WITH_A_HOST(resume_may_come_at_any_time),
    WITH_A_HOST(knows_no_unknown_extension),
    WITH_A_HOST(tells_metrics_while_it_runs_and_when_it_is_stopped),
    WITH_A_HOST(works_in_a_newer_host),
    WITH_A_HOST(two_instances_do_not_know_each_other),
    WITH_A_HOST(leaves_no_thread_and_no_descriptor),
    cmocka_unit_test(leaves_no_code),
};

const struct cmocka_group lifecycle_tests = CMOCKA_GROUP("Lifecycle", tests);
