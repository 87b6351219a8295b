/* SPDX-License-Identifier: MIT */
/* The rules every struct and function of the jabberd component ABI obeys, and the words its comments use. */
#ifndef JABBERD_ABI_H
#define JABBERD_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* clang-format off */
/* The promise
 * -----------
 * A component is a shared object, a host is the process that loads it. Each hands the other a struct of function
 * pointers.
 *
 *   Version   MAJOR changes when an old component could misunderstand a new host; hosts refuse another MAJOR. MINOR
 *             counts additions.
 *   Size      Every struct begins with `size`, the sizeof its writer compiled with. Structs only ever grow at the end.
 *             Before you read a field that was added after MINOR 0, ask JABBERD_HAS(struct_pointer, field); a function
 *             pointer may also be NULL where its comment says "may be NULL".
 *   Extras    Anything optional is an extension, asked for by name: get_extension("jabberd.inspect/1"). The core structs
 *             stay small.
 *   Types     C11 only. No type of libxml2, GLib, OpenSSL or C++ crosses this border, and no exception and no longjmp
 *             may.
 *
 * Words used in the comments
 * --------------------------
 *   [thread & state] on each function: who may call it, and when. The threads:
 *     [main]        the host's main thread, or one that it waits for; one call at a time, never from inside a handler.
 *     [any-thread]  any thread, also from inside a handler.
 *     [deliverer]   the thread that called deliver(); it may be any thread. See jabberd_thread_model for what runs at once.
 *     [command]     a thread that the host has for one run of an operator's command (commands.h), and for nothing else.
 *   The states are those of an instance, drawn in component.h: created, running, frozen, stopped. `& any` is each of
 *   them, from the call of create() to the return of destroy(); `& none`: there need not be an instance. In a call that
 *   leads from one state to the next the instance may do what either allows.
 *   borrowed      valid until the call returns; code that wants to keep it, copies it.
 *   owned by X    X frees it, and X alone. */
/* clang-format on */

#define JABBERD_ABI_MAJOR 1u
#define JABBERD_ABI_MINOR 5u

/* Whether the writer of *pointer knew `field`. Works on any struct that begins with `size`. */
#define JABBERD_HAS(pointer, field)                                                                                    \
    ((size_t)(pointer)->size >=                                                                                        \
     (size_t)((const char *)&(pointer)->field - (const char *)(pointer)) + sizeof((pointer)->field))

/* What only this object file needs to export: the symbol JABBERD_COMPONENT() defines. */
#if defined(__GNUC__)
#define JABBERD_EXPORT __attribute__((visibility("default")))
#else
#define JABBERD_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Borrowed text: UTF-8, not terminated. data == NULL means absent, which is not the same as empty (to='' is present and
 * empty). */
typedef struct jabberd_view {
    const char *data;
    size_t size; /* bytes */
} jabberd_view;

#ifdef __cplusplus
}
#endif

#endif
