/* SPDX-License-Identifier: MIT */
/* Names at run time: for a component whose packets go to other processes, and for one that sends to many destinations.
 * Since ABI 1.3. */
#ifndef JABBERD_ROUTES_H
#define JABBERD_ROUTES_H

#include <jabberd/component.h>

/* clang-format off */
/* A name of a <service/> is there as long as the host runs. What another process answers for comes and goes, and takes
 * packets at a pace of its own:
 *
 *   host                                    link                                       peer
 *    │ ◀── claim("rooms.foo.com") ────────── │ ◀─────────── I answer for rooms.foo.com ──── │
 *    │ a packet for rooms.foo.com ─────────▶ │ ───────────────────────────────────────────▶ │
 *    │ ◀── congested("rooms.foo.com") ────── │                                  (is slow)   │
 *    │ deliver() for that name: FULL         │ packets for other names go on                │
 *    │ ◀── ready("rooms.foo.com") ────────── │ ◀───────────────────────────── go on ─────── │
 *    │ resume("rooms.foo.com") of who waits  │                                              │
 *    │ ◀── give_up("rooms.foo.com") ──────── │ (lost)                                       │
 *
 * A claimed name gets all its packets, those with sto as well. Claims belong to the <service/>: they outlive a swap, and
 * end when its instance is destroyed. What an instance delivers itself never comes back to it by a claim: where the host
 * has no other service for that name, the packet is returned. */
/* clang-format on */

#ifdef __cplusplus
extern "C" {
#endif

/* An extension of the *host*, for every instance. */
#define JABBERD_ROUTES "jabberd.routes/1"

typedef enum jabberd_claim {
    JABBERD_CLAIMED = 0,
    JABBERD_NAME_TAKEN = 1,   /* another service answers for it: by its configuration, or because it came first */
    JABBERD_NAME_INVALID = 2, /* not the name of a host */
} jabberd_claim;

/* Borrowed. */
typedef void (*jabberd_name_sink)(void *data, jabberd_view name);

typedef struct jabberd_routes {
    size_t size;

    /* [any-thread & created, running] From now on packets for `name` reach the handlers of this instance. Claiming
     * again what one has is no error. The name "" stands for every name that no other service has or claims. */
    jabberd_claim (*claim)(const struct jabberd_host *host, jabberd_view name);

    /* [any-thread & any] Packets for `name` are returned from now on. Who was told JABBERD_FULL because of it is
     * resumed. Nothing happens where it is not claimed by this instance. A packet that another thread is delivering
     * meanwhile may still arrive. */
    void (*give_up)(const struct jabberd_host *host, jabberd_view name);

    /* [any-thread & running, stopped] A claimed name is congested: deliver() answers JABBERD_FULL for it and for no
     * other name, beginning with the packet whose handler is running. Until ready(). */
    void (*congested)(const struct jabberd_host *host, jabberd_view name);
    void (*ready)(const struct jabberd_host *host, jabberd_view name);

    /* [any-thread & created, running, stopped] Calls the sink, before it returns, for each name that a packet of this
     * instance could reach here: those of all other services, by configuration or by claim, without "". Two spellings
     * of one name are one name. */
    void (*names)(const struct jabberd_host *host, jabberd_name_sink sink, void *data);
} jabberd_routes;

/* An extension of a *component* that keeps its destinations apart, or wants to know of names. */
#define JABBERD_DESTINATIONS "jabberd.destinations/1"

typedef struct jabberd_destinations {
    size_t size;

    /* [any-thread & running, frozen, stopped] What deliver() reported as JABBERD_FULL for packets to `name` (borrowed,
     * in any spelling: host names are compared without case) is over; for others it is not. jabberd_component's
     * resume() is called as before where a whole service was full, and then means every destination. The rule there
     * about a resume that comes before JABBERD_FULL holds for both. May be NULL: resume() is called instead. */
    void (*resume)(jabberd_instance *instance, jabberd_view name);

    /* [any-thread & created, running, frozen, stopped] What names() would say may have changed. May be NULL. */
    void (*names_changed)(jabberd_instance *instance);

    /* [any-thread & running, stopped] For an operator's trace: tells the sink, before it returns, the name of the peer
     * (borrowed) that a packet comes from, where it `arrives`: then this instance is delivering it, on this thread.
     * Otherwise it is about to be given to the handler, and the peer is the one that it would go to. Tells nothing
     * where there is no such peer. Called only while somebody traces. May be NULL. */
    void (*peer)(jabberd_instance *instance, const jabberd_packet *packet, bool arrives, jabberd_name_sink sink,
                 void *data);
} jabberd_destinations;

#ifdef __cplusplus
}
#endif

#endif
