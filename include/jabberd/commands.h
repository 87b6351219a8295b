/* SPDX-License-Identifier: MIT */
/* Extension "jabberd.commands/1" of a component: commands of its own for an operator, which jabberd-ctl lists,
 * explains, completes and runs. Since ABI 1.4. */
#ifndef JABBERD_COMMANDS_H
#define JABBERD_COMMANDS_H

#include <jabberd/component.h>

/* clang-format off */
/* A run of a command
 * ------------------
 *   operator          jabberd-ctl              host                              component
 *      │ accounts add bob  │                     │                                   │
 *      │ ────────────────▶ │ ──────────────────▶ │ ── run(), on a thread of its own ▶│
 *      │    "Password: "   │                     │ ◀── call->secret() ────────────── │ waits
 *      │ ◀──────────────── │ ◀────────────────── │                                   │
 *      │ (without echo)    │                     │                                   │
 *      │ ────────────────▶ │ ──────────────────▶ │ ── the answer ──────────────────▶ │
 *      │  "bob is there"   │ ◀────────────────── │ ◀── call->output() ────────────── │
 *      │  exit status 0    │ ◀────────────────── │ ◀── return JABBERD_COMMAND_DONE ─ │
 *
 * run() may block: nothing else waits for its thread. It runs beside the handlers of its instance and beside other runs,
 * whatever the thread model says, so the component does its own locking. reload() may be called meanwhile.
 *
 * A run is over early when its operator has gone, and when the instance is to be frozen, stopped or destroyed. Each
 * function of the call then says so, and run() returns as soon as it can: a component whose run does not is not swapped,
 * and is not destroyed before it has. What was changed until then stays. */
/* clang-format on */

#ifdef __cplusplus
extern "C" {
#endif

#define JABBERD_COMMANDS "jabberd.commands/1"

/* One command. Borrowed. */
typedef struct jabberd_command {
    size_t size;
    jabberd_view name;      /* "accounts": lower-case letters, digits and '-'; others are not listed */
    jabberd_view arguments; /* what follows the name, for people: "list|add|remove [NAME…]"; may be "" */
    jabberd_view summary;   /* one line */
    jabberd_view usage;     /* lines, for `jabberd-ctl help NAME`; may be "" */
} jabberd_command;

typedef void (*jabberd_command_sink)(void *data, const jabberd_command *command);

/* What an operator would do next: the words behind jabberd-ctl ("accounts add NAME"), and what for, in one line.
 * Borrowed. */
typedef void (*jabberd_advice_sink)(void *data, jabberd_view command, jabberd_view purpose);

/* How a run ended; the exit status of jabberd-ctl. */
typedef enum jabberd_command_result {
    JABBERD_COMMAND_DONE = 0,
    JABBERD_COMMAND_FAILED = 1,  /* error() has said why */
    JABBERD_COMMAND_MISUSED = 2, /* error() has said what is wrong with the arguments; the usage is named as well */
} jabberd_command_result;

/* What read() and secret() return instead of a number of bytes. */
#define JABBERD_COMMAND_OVER (-1)    /* the run is over: return */
#define JABBERD_COMMAND_REFUSED (-2) /* no secret: there is none, the two differ, or it does not fit */

/* One run. Owned by the host, valid until run() or complete() returns; the functions are for its thread alone. */
typedef struct jabberd_command_call {
    size_t size;
    jabberd_view command; /* its name */
    const jabberd_view *arguments;
    size_t argument_count;
    void *host_data; /* the host's own */

    /* [command & running] Text for the operator, UTF-8, with its line ends: what the command is for, and what went
     * wrong. It is copied. Waits while jabberd-ctl reads slowly, so that an output of any length takes little memory.
     * False: the run is over. */
    bool (*output)(const struct jabberd_command_call *call, jabberd_view text);
    bool (*error)(const struct jabberd_command_call *call, jabberd_view text);

    /* [command & running] Some bytes of the standard input of jabberd-ctl, as it has them; waits for them. Returns how
     * many were written to `buffer`, 0 at the end of the input, or JABBERD_COMMAND_OVER. */
    ptrdiff_t (*read)(const struct jabberd_command_call *call, char *buffer, size_t capacity);

    /* [command & running] A secret, such as a password: asked for at the operator's terminal with `prompt`, without
     * echo, and once more where `twice` is set, or taken from one line of the standard input where that is no terminal.
     * It goes through no argument, log or trace, and the host wipes its copies; the caller wipes `buffer`. Returns its
     * length in bytes, JABBERD_COMMAND_OVER, or JABBERD_COMMAND_REFUSED after the operator was told. */
    ptrdiff_t (*secret)(const struct jabberd_command_call *call, jabberd_view prompt, bool twice, char *buffer,
                        size_t capacity);
} jabberd_command_call;

typedef struct jabberd_commands {
    size_t size;

    /* [main & running] Tells the sink all commands, before it returns. A name that another service offers as well, or
     * that is a word of jabberd-ctl, is reached as ID:NAME, with the id of the service. */
    void (*list)(jabberd_instance *instance, jabberd_command_sink sink, void *data);

    /* [command & running] Runs one of them. */
    jabberd_command_result (*run)(jabberd_instance *instance, const jabberd_command_call *call);

    /* [command & running] By output(), a line each: words that the last argument, which may be "", could become. It
     * asks nothing. May be NULL: none is known. */
    void (*complete)(jabberd_instance *instance, const jabberd_command_call *call);

    /* [main & running] What the operator would do next, for the summary after a start. Calls the sink before it
     * returns, and waits a second at most. May be NULL. */
    void (*advise)(jabberd_instance *instance, jabberd_advice_sink sink, void *data);
} jabberd_commands;

#ifdef __cplusplus
}
#endif

#endif
