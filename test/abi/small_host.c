/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "abi/small_host.h"

#include "support/cmocka_in_gtest.h"

#include <jabberd/handover.h>
#include <jabberd/inspect.h>

#include <stdio.h>
#include <stdlib.h>

static struct small_host *of(const jabberd_host *host)
{
    return host->host_data;
}

static void copy(char *to, size_t size, jabberd_view from)
{
    snprintf(to, size, "%.*s", (int)from.size, from.data == NULL ? "" : from.data);
}

static bool register_handler(const jabberd_host *host, jabberd_order order, jabberd_handler handler, void *data)
{
    struct small_host *small = of(host);
    (void)order;
    if (!small->may_register)
        return false;
    assert_in_range(small->handler_count, 0, 7);
    small->handlers[small->handler_count].call = handler;
    small->handlers[small->handler_count++].data = data;
    return true;
}

static jabberd_delivery deliver(const jabberd_host *host, const jabberd_packet *packet)
{
    struct small_host *small = of(host);
    pthread_mutex_lock(&small->mutex);
    ++small->delivered;
    copy(small->last_name, sizeof small->last_name, packet->name);
    copy(small->last_sto, sizeof small->last_sto, packet->sto);
    copy(small->last_sfrom, sizeof small->last_sfrom, packet->sfrom);
    pthread_mutex_unlock(&small->mutex);
    return JABBERD_DELIVERED;
}

static void ready(const jabberd_host *host)
{
    (void)host;
}

static void log_record(const jabberd_host *host, const jabberd_log_record *record)
{
    struct small_host *small = of(host);
    (void)record;
    pthread_mutex_lock(&small->mutex);
    ++small->logged;
    pthread_mutex_unlock(&small->mutex);
}

static void report(const jabberd_host *host, const jabberd_config *at, jabberd_log_level level, const char *message)
{
    struct small_host *small = of(host);
    ++*(level == JABBERD_LOG_ERROR ? &small->errors : &small->warnings);
    small->last_line = at->line;
    snprintf(small->last_report, sizeof small->last_report, "%s", message);
}

static const void *get_extension(const jabberd_host *host, const char *id)
{
    return of(host)->succeeds && strcmp(id, JABBERD_SUCCESSION) == 0 ? host : NULL;
}

void small_host_init(struct small_host *small, const char *path)
{
    static const char *const names[] = {"c2s"};
    memset(small, 0, sizeof *small);
    pthread_mutex_init(&small->mutex, NULL);
    small->host = (jabberd_host){
        .size = sizeof small->host,
        .name = "small",
        .version = "1",
        .id = "c2s",
        .names = names,
        .name_count = 1,
        .host_data = small,
        .register_handler = register_handler,
        .deliver = deliver,
        .ready = ready,
        .log = log_record,
        .report = report,
        .get_extension = get_extension,
    };
    path = path == NULL ? getenv("COMPONENT") : path;
    if (path == NULL)
        fail_msg("COMPONENT names no shared object");
    if (!load_component(path, &small->loaded))
        fail_msg("%s: %s", path, small->loaded.refusal);
}

void small_host_free(struct small_host *small)
{
    small_host_destroy(small);
    unload_component(&small->loaded);
    pthread_mutex_destroy(&small->mutex);
}

bool small_host_create(struct small_host *small, const jabberd_config *service)
{
    small->may_register = true;
    small->instance = small->loaded.component->create(&small->host, service);
    small->may_register = false;
    return small->instance != NULL;
}

bool small_host_start(struct small_host *small)
{
    small->may_register = true;
    const bool started = small->loaded.component->start(small->instance);
    small->may_register = false;
    return started;
}

void small_host_stop(struct small_host *small)
{
    if (small->loaded.component->stop != NULL)
        small->loaded.component->stop(small->instance, 1000);
}

void small_host_destroy(struct small_host *small)
{
    if (small->instance != NULL)
        small->loaded.component->destroy(small->instance);
    small->instance = NULL;
    small->handler_count = 0;
}

jabberd_result small_host_give(struct small_host *small, const jabberd_packet *packet)
{
    for (unsigned i = 0; i < small->handler_count; ++i) {
        const jabberd_result result = small->handlers[i].call(small->handlers[i].data, packet);
        if (result != JABBERD_PASS)
            return result;
    }
    return JABBERD_PASS;
}

struct search {
    const char *key;
    char *value;
    size_t size;
    bool found;
};

static void look(void *data, jabberd_view key, jabberd_view value)
{
    struct search *search = data;
    if (search->found || strlen(search->key) != key.size || memcmp(search->key, key.data, key.size) != 0)
        return;
    search->found = true;
    copy(search->value, search->size, value);
}

bool small_host_status(struct small_host *small, const char *key, char *value, size_t size)
{
    const jabberd_inspect *inspect = small->loaded.component->get_extension == NULL
                                         ? NULL
                                         : small->loaded.component->get_extension(small->instance, JABBERD_INSPECT);
    struct search search = {key, value, size, false};
    if (inspect != NULL)
        inspect->status(small->instance, look, &search);
    return search.found;
}
