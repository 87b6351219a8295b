/* SPDX-License-Identifier: MIT */
/* What a component exports: who it is, as data, and what it can do, as a struct of functions. */
#ifndef JABBERD_COMPONENT_H
#define JABBERD_COMPONENT_H

#include <jabberd/host.h>

/* clang-format off */
/* The life of an instance. The names between the arrows are functions, all called on [main]; the others are its states.
 *
 *              create            start                 stop              destroy
 *   (nothing) ───────▶  created ───────▶  running  ───────▶  stopped  ───────────▶ (nothing)
 *                          │             │  ▲    │               ▲  ▲
 *                          │             └──┘    │ freeze        │  │ handlers are still called
 *                          │            reload   ▼               │  │ while stopped: answer or PASS
 *                          │                   frozen ───────────┘
 *                          │                     (handover.h: thaw by the successor, or by itself)
 *                          └── destroy ─▶ (nothing)
 *                                another component could not be created: nothing half-starts
 *
 * The host creates all components of a configuration before it starts the first, and stops all before it destroys
 * the first. */
/* clang-format on */

#ifdef __cplusplus
extern "C" {
#endif

typedef struct jabberd_instance jabberd_instance; /* the component's own */

/* Which handlers of one instance the host may run at once. (As nbdkit's thread models.) */
typedef enum jabberd_thread_model {
    JABBERD_SERIALIZED = 0, /* one at a time, on changing threads; a packet that arrives meanwhile waits in the host. A
                               re-entrant one, too. */
    JABBERD_PARALLEL = 1,   /* as many as there are deliverers; the component does its own locking */
} jabberd_thread_model;

/* The component. Static data of the shared object, exported under the name `jabberd_component` by JABBERD_COMPONENT().
 */
typedef struct jabberd_component {
    size_t size;
    jabberd_thread_model thread_model;

    /* Namespaces of the sections that this component reads, NULL-terminated; the host warns about a section of the
     * service that no component reads. May be NULL: has no configuration. */
    const char *const *config_namespaces;

    /* [main & none] Makes an instance from the whole <service/> element. Reports every configuration mistake through
     * host->report() and then returns NULL; acquires what can fail (listening sockets, databases), but sends nothing
     * yet. `host` is valid until destroy() returns, `service` is borrowed. The instance is owned by the component, and
     * given up by destroy(). */
    jabberd_instance *(*create)(const jabberd_host *host, const jabberd_config *service);

    /* [main & created] Begins work: threads, accepting, delivering. Returns false after logging why; then it is
     * destroyed. */
    bool (*start)(jabberd_instance *instance);

    /* [main & running] Takes over a changed <service/>, which is borrowed. Returns false after reporting why, and then
     * goes on with the old one, wholly. What cannot change without a restart is reported as a warning that says so. May
     * be NULL: nothing can. */
    bool (*reload)(jabberd_instance *instance, const jabberd_config *service);

    /* [main & running] Ends work in an orderly way, within `deadline_ms` milliseconds, then at once: peers are told,
     * what is queued is written or returned. Blocks until done. May be NULL. */
    void (*stop)(jabberd_instance *instance, unsigned deadline_ms);

    /* [main & created, frozen, stopped] Frees the instance. No handler runs any more and none will. All its threads are
     * joined when it returns. */
    void (*destroy)(jabberd_instance *instance);

    /* [any-thread & running, frozen, stopped] The congestion that deliver() reported as JABBERD_FULL is over. May be
     * called when nothing was full, and, from another thread, before the deliver() it belongs to has returned
     * JABBERD_FULL: count the calls, and stop sending only if none came since before deliver(). May be NULL: the
     * component never stops sending. */
    void (*resume)(jabberd_instance *instance);

    /* [any-thread & any] An optional power of the component, "name/version" (inspect.h, handover.h), or NULL. May
     * itself be NULL. Since ABI 1.1 `instance` may be NULL: for what a component can do before there is one (check.h).
     */
    const void *(*get_extension)(jabberd_instance *instance, const char *id);
} jabberd_component;

/* Who the component is: an ELF note, so that a host (or readelf -n) can read it from the file before any code of it
 * runs. Name "jabberd", type 1. */
typedef struct jabberd_identity {
    uint32_t abi_major;
    uint32_t abi_minor;
    char name[32];    /* terminated: "socket_manager" */
    char version[32]; /* terminated, the component's own */
} jabberd_identity;

#define JABBERD_NOTE_NAME "jabberd"
#define JABBERD_NOTE_TYPE 1u
#define JABBERD_COMPONENT_SYMBOL "jabberd_component"

typedef struct jabberd_identity_note {
    uint32_t name_size;
    uint32_t identity_size;
    uint32_t type;
    char name[sizeof(JABBERD_NOTE_NAME)];
    jabberd_identity identity;
} jabberd_identity_note;

#ifdef __cplusplus
} /* extern "C" */
#define JABBERD_EXTERN_DATA_ extern "C" JABBERD_EXPORT
#else
#define JABBERD_EXTERN_DATA_ JABBERD_EXPORT
#endif

/* Exports a component; once in a shared object, at file scope. What follows are the fields after `size`, in order:
 *     JABBERD_COMPONENT("hello", "1.0", JABBERD_SERIALIZED, NULL, create, start, NULL, NULL, destroy, NULL, NULL) */
/* clang-format off */
#define JABBERD_COMPONENT(component_name, component_version, ...)                                                \
    __attribute__((section(".note.jabberd"), used, aligned(4)))                                                  \
    static const jabberd_identity_note jabberd_identity_note_ = {                                                \
        sizeof(JABBERD_NOTE_NAME), sizeof(jabberd_identity), JABBERD_NOTE_TYPE, JABBERD_NOTE_NAME,               \
        {JABBERD_ABI_MAJOR, JABBERD_ABI_MINOR, component_name, component_version}};                              \
    JABBERD_EXTERN_DATA_ const jabberd_component jabberd_component_object_ __asm__(JABBERD_COMPONENT_SYMBOL);    \
    const jabberd_component jabberd_component_object_ = {sizeof(jabberd_component), __VA_ARGS__}
/* clang-format on */

#endif
