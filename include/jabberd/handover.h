/* SPDX-License-Identifier: MIT */
/* Extension "jabberd.handover/1" of a component: to be replaced by another one without its clients noticing. */
#ifndef JABBERD_HANDOVER_H
#define JABBERD_HANDOVER_H

#include <jabberd/component.h>

/* clang-format off */
/* The order of a swap, all on [main]. Old and new live in one process, so file descriptors and tokens such as SSL * go
 * on being valid as they are.
 *
 *   host                    old                              new
 *    │ create(configuration) ──────────────────────────────▶ │ knows its configuration, has opened
 *    │                       │                               │ nothing that the snapshot will bring
 *    │ freeze() ───────────▶ │ stops at a byte, all threads at rest
 *    │ ◀── snapshot ──────── │
 *    │ thaw(snapshot) ─────────────────────────────────────▶ │ true: everything is taken over
 *    │                       │                               │ false: nothing was touched
 *    │ commit() ───────────▶ │ forgets all it gave away, without closing it
 *    │ start() ────────────────────────────────────────────▶ │
 *    │ destroy() ──────────▶ │                               │ runs: no handler waits for what the old one frees
 *
 * What the snapshot names becomes the new one's own when its thaw() returns true, and the host then always calls commit()
 * of the old one, whatever becomes of the new one afterwards. Whatever fails before that: the host destroys the new one,
 * and calls thaw() of the OLD one with its own snapshot; it goes on where it stopped. Packets that arrive in between wait
 * in the host, in order.
 *
 * create() of the new one must not open what the snapshot will bring, such as listening sockets: the host says so by
 * offering the extension JABBERD_SUCCESSION while it creates the new one. What its configuration has and the snapshot has
 * not, it opens in thaw(); listeners that the snapshot has and its configuration does not ask for, it closes. Handlers
 * that it registers are asked from start() on.
 *
 * What can be promised of a new one that does not return. Its create() and thaw() may run on another thread while [main]
 * waits for it: ten seconds for create(), two for thaw(), as for freeze(). Then the old one goes on. The late one gets a
 * copy of the snapshot, so what it reads stays; and it learns from claim() (below) that it is too late before it touches
 * a descriptor or a token. One that does not know claim() is waited for without limit where the snapshot has tokens: two
 * users of one SSL would end the process. Within one process no thread can be ended from outside, so that of the late
 * one, its instance and its code stay; what it delivers, or registers, is ignored. There is no limit for what runs while
 * the file is loaded (its constructors), nor for commit() and start(): after commit() nobody is left to go on.
 *
 * The host refuses a new one that does not answer for what the old one did: for each handler that the old one registered
 * in create(), one of the same order must be registered in create(); and "jabberd.inspect/1" must be offered if the old
 * one offers it. The file must be a regular one, that nobody but root and the host's user can change.
 *
 * A snapshot is a sequence of records; each is a 32-bit tag, a 32-bit length and that many bytes, in the byte order of
 * the machine, without padding. A reader skips a tag it does not know, unless bit 31 of the tag is set
 * ("critical": a reader that does not know it must refuse the whole). It checks every length, trusts nothing, and never crashes.
 * The first record is JABBERD_SNAPSHOT_BEGIN and the last JABBERD_SNAPSHOT_END, so a cut one is noticed. snapshot.h has
 * those of a socket manager. */
/* clang-format on */

#ifdef __cplusplus
extern "C" {
#endif

#define JABBERD_HANDOVER "jabberd.handover/1"

/* An extension of the *host*, there during the create() of an instance that is to succeed another one: thaw() or
 * destroy() follows. It has no functions: any pointer but NULL says it. */
#define JABBERD_SUCCESSION "jabberd.succession/1"

/* An extension of the *host*, since ABI 1.2, for an instance that is to succeed another one, from its create() on. */
#define JABBERD_TAKEOVER "jabberd.takeover/1"

typedef struct jabberd_takeover {
    size_t size;

    /* [main & created] To be called inside thaw() when the snapshot is understood, before anything is touched that it
     * names. true: the host waits for thaw() from here on, whatever it returns; what is left should be work in memory.
     * false: it is too late and the old one runs again; thaw() returns false. */
    bool (*claim)(const struct jabberd_host *host);
} jabberd_takeover;

#define JABBERD_SNAPSHOT_CRITICAL 0x80000000u
#define JABBERD_SNAPSHOT_BEGIN 0x80000001u /* value: uint32_t format version, 1 */
#define JABBERD_SNAPSHOT_END 0x80000002u   /* value: uint32_t number of records before it */

/* Frozen state. Owned by the instance that froze; valid until its thaw(), commit() or destroy(). Holds secrets: its
 * owner wipes it. */
typedef struct jabberd_snapshot {
    size_t size;
    const unsigned char *records;
    size_t record_bytes;
    const int *descriptors; /* those the records refer to, by index */
    size_t descriptor_count;
    void *const *tokens; /* live objects of shared libraries that stay loaded, by index */
    size_t token_count;
} jabberd_snapshot;

typedef struct jabberd_handover {
    size_t size;

    /* [main & running] Stops every thread and every handler of a running instance at the next byte, within
     * `deadline_ms`, and describes all. NULL after logging why: the instance still runs. */
    const jabberd_snapshot *(*freeze)(jabberd_instance *instance, unsigned deadline_ms);

    /* [main & created, frozen] A created instance takes everything over and is then ready for start(), or changes
     * nothing and returns false after logging why. A frozen instance given its own snapshot runs again; that cannot
     * fail. */
    bool (*thaw)(jabberd_instance *instance, const jabberd_snapshot *snapshot);

    /* [main & frozen] The frozen instance gives up all that its snapshot named without closing, writing or freeing any
     * of it. Only destroy() may follow. */
    void (*commit)(jabberd_instance *instance);
} jabberd_handover;

#ifdef __cplusplus
}
#endif

#endif
