/* SPDX-License-Identifier: MIT */
/* The host as one component instance sees it. */
#ifndef JABBERD_HOST_H
#define JABBERD_HOST_H

#include <jabberd/config.h>
#include <jabberd/log.h>
#include <jabberd/packet.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What became of a packet given to deliver(). Either way it is out of the caller's hands. */
typedef enum jabberd_delivery {
    JABBERD_DELIVERED = 0, /* taken, or returned to the sender: go on */
    JABBERD_FULL = 1,      /* the same, but the destination is congested: stop sending until resume() is called */
} jabberd_delivery;

/* Owned by the host; valid from create() until destroy() has returned. One for each instance; pass it as the first
 * argument of its own functions. */
typedef struct jabberd_host {
    size_t size;
    const char *name;    /* "jabberd-host"; in an old jabberd what that is: "jabberd 1.4" */
    const char *version; /* of what hosts this component, for people: "0.1.0" */
    const char *id;      /* the id of the <service/> */

    /* The host names this instance answers for: the <host/>s of its <service/>; when there are none, its id. A name of
     * "" answers for every name that no other service has. */
    const char *const *names;
    size_t name_count;

    void *host_data; /* the host's own */

    /* [main & created, in create() or start()] Adds a handler for the packets addressed to this instance. `data` is
     * given back with every call; it must live until destroy() returns. Returns false when called at another time.
     * Source: jabberd's register_phandler(). */
    bool (*register_handler)(const struct jabberd_host *host, jabberd_order order, jabberd_handler handler, void *data);

    /* [any-thread & running, stopped] Routes a packet: by the host part of `sto`, or of `to` where there is no `sto`.
     * The packet is borrowed.
     *
     * Synchronous and re-entrant: handlers of the destination usually run before it returns, and may call back into
     * your own handler. A socket manager may write to its client meanwhile, on this thread, if SIGPIPE is blocked or
     * ignored in it. What one thread delivers to one component arrives in that order.
     *
     * A packet that no service takes is returned to its sender by the same means: one with `sto` as a 510 (sto and
     * sfrom swapped, type='error', <error code='510' type='old type'>; to, from and children as they were), any other
     * as an error stanza (to and from swapped); an error or a 510 is never returned, it is logged and dropped. Source:
     * jabberd's socket managers, which have told the end of a session so since 1.0 (session.h, "The end"). */
    jabberd_delivery (*deliver)(const struct jabberd_host *host, const jabberd_packet *packet);

    /* [any-thread & running, stopped] Ends the congestion that a handler of this instance announced by answering
     * JABBERD_CONGESTED: the host calls resume() of every instance that was told JABBERD_FULL. */
    void (*ready)(const struct jabberd_host *host);

    /* [any-thread & any] Logs. The record is borrowed. Cheap when the level is off; never blocks on a full pipe for
     * long. */
    void (*log)(const struct jabberd_host *host, const jabberd_log_record *record);

    /* [main & created, running, in create() and reload()] Reports a mistake (JABBERD_LOG_ERROR) or oddity
     * (JABBERD_LOG_WARNING) in the configuration, shown to the operator with file and line. `message` is terminated and
     * says what is wrong and what would be right. Report all there are, then fail. `at` may be the service itself. */
    void (*report)(const struct jabberd_host *host, const jabberd_config *at, jabberd_log_level level,
                   const char *message);

    /* [any-thread & any] An optional power of the host, "name/version", or NULL. The pointer lives as long as `host`.
     * Defined are JABBERD_SUCCESSION and
     * JABBERD_TAKEOVER (handover.h), JABBERD_ROUTES (routes.h) and JABBERD_DOMAINS (domains.h). */
    const void *(*get_extension)(const struct jabberd_host *host, const char *id);
} jabberd_host;

#ifdef __cplusplus
}
#endif

#endif
