/* SPDX-License-Identifier: MIT */
/* The domains of a server: the names that clients come for, which stand behind the @ of its users. Since ABI 1.5. */
#ifndef JABBERD_DOMAINS_H
#define JABBERD_DOMAINS_H

#include <jabberd/component.h>
#include <jabberd/routes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An extension of a *component* that owns sessions (session.h): clients come for the names of its <service/>. It has no
 * functions, any pointer but NULL says it. Asked for with the instance NULL. */
#define JABBERD_OWNS_SESSIONS "jabberd.owns_sessions/1"

/* An extension of the *host*, for every instance, and in check() (check.h). */
#define JABBERD_DOMAINS "jabberd.domains/1"

typedef struct jabberd_domains {
    size_t size;

    /* [any-thread & any, none] Calls the sink, before it returns, for each name (borrowed) of a service here whose
     * component owns sessions, as the configuration spells it, and without "". It is the same as long as the host
     * runs. */
    void (*names)(const struct jabberd_host *host, jabberd_name_sink sink, void *data);
} jabberd_domains;

#ifdef __cplusplus
}
#endif

#endif
