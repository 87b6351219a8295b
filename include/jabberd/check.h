/* SPDX-License-Identifier: MIT */
/* Extension "jabberd.check/1" of a component: what create() would say of a configuration, without doing anything. */
#ifndef JABBERD_CHECK_H
#define JABBERD_CHECK_H

#include <jabberd/component.h>

#ifdef __cplusplus
extern "C" {
#endif

#define JABBERD_CHECK "jabberd.check/1"

/* Asked for before there is an instance: get_extension() is called with the instance NULL. A host does so only with a
 * component whose identity names ABI 1.1 or later, because an older one need not expect it. */
typedef struct jabberd_check {
    size_t size;

    /* [main & none] Reads the <service/> as create() does, and reports through host->report() what create() would, and
     * what is odd about the files that it names. Listens on no port, although it may try whether one can be bound;
     * makes and changes no file, starts no thread, and keeps nothing. Of `host`, only report() and the fields before it
     * may be used, and get_extension() for JABBERD_DOMAINS (domains.h). False after an error was reported. Both
     * arguments are borrowed. */
    bool (*check)(const jabberd_host *host, const jabberd_config *service);
} jabberd_check;

#ifdef __cplusplus
}
#endif

#endif
