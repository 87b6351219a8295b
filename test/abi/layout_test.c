/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The layout of version 1.0 on x86-64 and aarch64 (LP64): a size may grow with a later minor version, an offset never
 * changes. */
#include "abi/groups.h"

#include <jabberd/commands.h>
#include <jabberd/handover.h>
#include <jabberd/inspect.h>
#include <jabberd/metrics.h>

#if defined(__LP64__)

#define OFFSET(type, field, expected) _Static_assert(offsetof(type, field) == (expected), #type "." #field " has moved")
#define SIZE(type, expected) _Static_assert(sizeof(type) == (expected), #type " has another size")

/* Without a size of their own, these can never grow. */
SIZE(jabberd_view, 16);
OFFSET(jabberd_view, data, 0);
OFFSET(jabberd_view, size, 8);
SIZE(jabberd_attribute, 32);
OFFSET(jabberd_attribute, name, 0);
OFFSET(jabberd_attribute, value, 16);
SIZE(jabberd_log_field, 24);
OFFSET(jabberd_log_field, name, 0);
OFFSET(jabberd_log_field, value, 8);
SIZE(jabberd_config_attribute, 16);
OFFSET(jabberd_config_attribute, name, 0);
OFFSET(jabberd_config_attribute, value, 8);
SIZE(jabberd_identity, 72);
OFFSET(jabberd_identity, abi_major, 0);
OFFSET(jabberd_identity, abi_minor, 4);
OFFSET(jabberd_identity, name, 8);
OFFSET(jabberd_identity, version, 40);
SIZE(jabberd_identity_note, 92);
OFFSET(jabberd_identity_note, name, 12);
OFFSET(jabberd_identity_note, identity, 20);

OFFSET(jabberd_packet, size, 0);
OFFSET(jabberd_packet, name, 8);
OFFSET(jabberd_packet, xmlns, 24);
OFFSET(jabberd_packet, to, 40);
OFFSET(jabberd_packet, from, 56);
OFFSET(jabberd_packet, id, 72);
OFFSET(jabberd_packet, type, 88);
OFFSET(jabberd_packet, lang, 104);
OFFSET(jabberd_packet, sto, 120);
OFFSET(jabberd_packet, sfrom, 136);
OFFSET(jabberd_packet, attributes, 152);
OFFSET(jabberd_packet, attribute_count, 160);
OFFSET(jabberd_packet, body, 168);

OFFSET(jabberd_log_record, size, 0);
OFFSET(jabberd_log_record, level, 8);
OFFSET(jabberd_log_record, message, 16);
OFFSET(jabberd_log_record, fields, 32);
OFFSET(jabberd_log_record, field_count, 40);

OFFSET(jabberd_config, size, 0);
OFFSET(jabberd_config, name, 8);
OFFSET(jabberd_config, xmlns, 16);
OFFSET(jabberd_config, text, 24);
OFFSET(jabberd_config, file, 32);
OFFSET(jabberd_config, line, 40);
OFFSET(jabberd_config, attributes, 48);
OFFSET(jabberd_config, attribute_count, 56);
OFFSET(jabberd_config, first_child, 64);
OFFSET(jabberd_config, next, 72);

OFFSET(jabberd_host, size, 0);
OFFSET(jabberd_host, name, 8);
OFFSET(jabberd_host, version, 16);
OFFSET(jabberd_host, id, 24);
OFFSET(jabberd_host, names, 32);
OFFSET(jabberd_host, name_count, 40);
OFFSET(jabberd_host, host_data, 48);
OFFSET(jabberd_host, register_handler, 56);
OFFSET(jabberd_host, deliver, 64);
OFFSET(jabberd_host, ready, 72);
OFFSET(jabberd_host, log, 80);
OFFSET(jabberd_host, report, 88);
OFFSET(jabberd_host, get_extension, 96);

OFFSET(jabberd_component, size, 0);
OFFSET(jabberd_component, thread_model, 8);
OFFSET(jabberd_component, config_namespaces, 16);
OFFSET(jabberd_component, create, 24);
OFFSET(jabberd_component, start, 32);
OFFSET(jabberd_component, reload, 40);
OFFSET(jabberd_component, stop, 48);
OFFSET(jabberd_component, destroy, 56);
OFFSET(jabberd_component, resume, 64);
OFFSET(jabberd_component, get_extension, 72);

OFFSET(jabberd_session, connection, 8);
OFFSET(jabberd_session, session, 24);
OFFSET(jabberd_session, client_address, 40);
OFFSET(jabberd_session, authenticated, 56);
OFFSET(jabberd_session, age_ms, 64);
OFFSET(jabberd_session, idle_ms, 72);
OFFSET(jabberd_session, bytes_in, 80);
OFFSET(jabberd_session, bytes_out, 88);
OFFSET(jabberd_session, stanzas_in, 96);
OFFSET(jabberd_session, stanzas_out, 104);
OFFSET(jabberd_session, queued_bytes, 112);
OFFSET(jabberd_session, security, 120);
OFFSET(jabberd_inspect, status, 8);
OFFSET(jabberd_inspect, sessions, 16);

SIZE(jabberd_metric_label, 32);
OFFSET(jabberd_metric_label, name, 0);
OFFSET(jabberd_metric_label, value, 16);
SIZE(jabberd_metric_bucket, 16);
OFFSET(jabberd_metric_bucket, most, 0);
OFFSET(jabberd_metric_bucket, count, 8);
OFFSET(jabberd_metric_family, name, 8);
OFFSET(jabberd_metric_family, type, 24);
OFFSET(jabberd_metric_family, unit, 32);
OFFSET(jabberd_metric_family, help, 48);
OFFSET(jabberd_metric_sample, labels, 8);
OFFSET(jabberd_metric_sample, label_count, 16);
OFFSET(jabberd_metric_sample, value, 24);
OFFSET(jabberd_metric_sample, buckets, 32);
OFFSET(jabberd_metric_sample, bucket_count, 40);
OFFSET(jabberd_metric_sample, sum, 48);
OFFSET(jabberd_metric_sample, count, 56);
OFFSET(jabberd_metric_sink, data, 8);
OFFSET(jabberd_metric_sink, family, 16);
OFFSET(jabberd_metric_sink, sample, 24);
OFFSET(jabberd_metrics, collect, 8);

OFFSET(jabberd_command, name, 8);
OFFSET(jabberd_command, arguments, 24);
OFFSET(jabberd_command, summary, 40);
OFFSET(jabberd_command, usage, 56);
OFFSET(jabberd_command_call, command, 8);
OFFSET(jabberd_command_call, arguments, 24);
OFFSET(jabberd_command_call, argument_count, 32);
OFFSET(jabberd_command_call, host_data, 40);
OFFSET(jabberd_command_call, output, 48);
OFFSET(jabberd_command_call, error, 56);
OFFSET(jabberd_command_call, read, 64);
OFFSET(jabberd_command_call, secret, 72);
OFFSET(jabberd_commands, list, 8);
OFFSET(jabberd_commands, run, 16);
OFFSET(jabberd_commands, complete, 24);
OFFSET(jabberd_commands, advise, 32);

OFFSET(jabberd_snapshot, records, 8);
OFFSET(jabberd_snapshot, record_bytes, 16);
OFFSET(jabberd_snapshot, descriptors, 24);
OFFSET(jabberd_snapshot, descriptor_count, 32);
OFFSET(jabberd_snapshot, tokens, 40);
OFFSET(jabberd_snapshot, token_count, 48);
OFFSET(jabberd_handover, freeze, 8);
OFFSET(jabberd_handover, thaw, 16);
OFFSET(jabberd_handover, commit, 24);
OFFSET(jabberd_takeover, claim, 8);

#endif

/* The numbers are on the wire between shared objects as much as the offsets are. */
static void numbers_are_frozen(void **state)
{
    (void)state;
    assert_int_equal(JABBERD_ABI_MAJOR, 1);
    assert_int_equal(JABBERD_NOTE_TYPE, 1);
    assert_string_equal(JABBERD_NOTE_NAME, "jabberd");
    assert_string_equal(JABBERD_COMPONENT_SYMBOL, "jabberd_component");
    const int orders[] = {JABBERD_PRECOND, JABBERD_COND, JABBERD_PREDELIVER, JABBERD_DELIVER};
    const int results[] = {JABBERD_PASS, JABBERD_DONE, JABBERD_ERROR, JABBERD_CONGESTED};
    for (int i = 0; i < 4; ++i) {
        assert_int_equal(orders[i], i);
        assert_int_equal(results[i], i);
    }
    assert_int_equal(JABBERD_DELIVERED, 0);
    assert_int_equal(JABBERD_FULL, 1);
    assert_int_equal(JABBERD_COMMAND_DONE, 0);
    assert_int_equal(JABBERD_COMMAND_FAILED, 1);
    assert_int_equal(JABBERD_COMMAND_MISUSED, 2);
    assert_int_equal(JABBERD_COMMAND_OVER, -1);
    assert_int_equal(JABBERD_COMMAND_REFUSED, -2);
    assert_int_equal(JABBERD_SERIALIZED, 0);
    assert_int_equal(JABBERD_PARALLEL, 1);
    assert_int_equal(JABBERD_COUNTER, 0);
    assert_int_equal(JABBERD_GAUGE, 1);
    assert_int_equal(JABBERD_HISTOGRAM, 2);
    assert_int_equal(JABBERD_LOG_ERROR, 3);
    assert_int_equal(JABBERD_LOG_DEBUG, 7);
}

/* JABBERD_HAS() is how an old struct is read by a new program. */
static void has_tells_what_its_writer_knew(void **state)
{
    (void)state;
    jabberd_host host = {0};
    host.size = offsetof(jabberd_host, report);
    assert_true(JABBERD_HAS(&host, log));
    assert_false(JABBERD_HAS(&host, report));
    host.size = sizeof host + 64;
    assert_true(JABBERD_HAS(&host, get_extension));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(numbers_are_frozen),
    cmocka_unit_test(has_tells_what_its_writer_knew),
};

const struct cmocka_group layout_tests = CMOCKA_GROUP("Layout", tests);
