/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The smallest host that keeps its side of the ABI, in C: it counts, and remembers what was last. */
#ifndef ABI_SMALL_HOST_H
#define ABI_SMALL_HOST_H

#include "stub/load_component.h"

#include <pthread.h>

struct small_host {
    jabberd_host host;
    struct loaded_component loaded;
    jabberd_instance *instance;

    bool may_register;
    bool succeeds; /* offers JABBERD_SUCCESSION */
    unsigned handler_count;
    struct {
        jabberd_handler call;
        void *data;
    } handlers[8];

    pthread_mutex_t mutex; /* guards what any thread may change */
    unsigned delivered, logged;
    char last_sto[128], last_sfrom[128], last_name[32];

    unsigned errors, warnings; /* reported */
    unsigned last_line;
    char last_report[512];
};

/* Loads the component; the test fails when it cannot. NULL: the one that the environment's COMPONENT names. */
void small_host_init(struct small_host *host, const char *path);
void small_host_free(struct small_host *host);

/* The component's own functions, called as a host calls them. */
bool small_host_create(struct small_host *host, const jabberd_config *service);
bool small_host_start(struct small_host *host);
void small_host_stop(struct small_host *host);
void small_host_destroy(struct small_host *host);

/* The answer of the first handler that does not PASS. */
jabberd_result small_host_give(struct small_host *host, const jabberd_packet *packet);

/* Copies the first value of a status key; false: it has none. */
bool small_host_status(struct small_host *host, const char *key, char *value, size_t size);

/* A literal as a view. */
#define VIEW(literal) ((jabberd_view){literal, sizeof(literal) - 1})

#endif
