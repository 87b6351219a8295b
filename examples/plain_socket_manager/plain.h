/* SPDX-License-Identifier: MIT */
/* What the files of this component share: an instance, its listeners, and its connections.
 *
 * All of it belongs to one thread (loop.c) while that runs, and to [main] while it does not. Only what is marked so may
 * be touched from elsewhere. */
#ifndef PLAIN_H
#define PLAIN_H

#include "reader.h"

#include <jabberd/inspect.h>
#include <jabberd/snapshot.h>

#include <pthread.h>
#include <stdatomic.h>

enum { MAX_EPOCH = 32, MAX_LISTENERS = 16, BUCKETS = 4096, MAX_QUESTIONS = 8 };
enum { BYTES_A_SECOND = 128 * 1024, MAX_BURST = 1024 * 1024, MAX_OF_ADDRESS = 200 };

/* A piece of what a client is still to be written. */
struct piece {
    struct piece *next;
    struct bytes bytes;
    size_t written;
    char *sfrom; /* whom it is returned to; NULL: it is no stanza */
};

/* An auth packet that waits for its answer. */
struct asked {
    struct asked *next;
    uint32_t kind; /* JABBERD_ASKED_QUESTION or _LOGIN */
    char *nonce, *client_id;
};

struct connection {
    struct connection *next, *previous, *next_in_bucket;
    uint32_t id, token;
    char epoch[MAX_EPOCH + 1]; /* empty: the address is of a version that knew none */
    char *address;
    int fd;
    char client[64];
    enum { OPENING = 0, OPEN = 1, ENDING = 3, CLOSED } stream; /* as in snapshot.h, and one more */
    bool bound;
    bool ended;         /* the session manager knows */
    bool said_all;      /* our FIN is sent */
    char *to, *session; /* the session manager's host; the session id */
    char *lang;
    char stream_id[64];
    struct bytes primer; /* empty: the usual one */
    struct reader *reader;
    struct bytes unfinished;
    struct bytes unread;         /* behind a login that is not answered yet */
    struct piece *first, **last; /* to write */
    size_t queued;
    struct stanza *held, **last_held; /* to deliver */
    struct asked *asked;
    unsigned failed;
    uint64_t begun;                                 /* what is unfinished */
    uint64_t since, last_read, last_write, give_up; /* give_up 0: never */
    uint64_t bytes_in, bytes_out, stanzas_in, stanzas_out;
    int64_t allowance; /* bytes that are still read of it; each second it gets more */
    uint32_t watched;  /* epoll events */
};

struct listener {
    int fd; /* -1: not open yet */
    char configured[64];
    bool own; /* opened here, not by a predecessor */
    bool paused;
};

struct jabberd_instance {
    const jabberd_host *host;
    char *name; /* the host part of our addresses */
    struct listener listeners[MAX_LISTENERS];
    unsigned listener_count;
    int surplus[MAX_LISTENERS]; /* a predecessor's, which our configuration does not have */
    unsigned surplus_count;
    struct connection *connections, *closed, *buckets[BUCKETS];
    unsigned connection_count;
    uint32_t next_token;
    char epoch[MAX_EPOCH + 1];
    uint64_t accepted, logins;

    enum { CREATED, THAWED, RUNNING, FROZEN, STOPPED, GIVEN_AWAY } state;
    struct snapshot *snapshot; /* while frozen */

    pthread_t thread;
    int epoll, wake;
    atomic_bool quit;    /* any thread */
    atomic_uint resumes; /* any thread */
    bool full;           /* the host was, when there had been `full_since` resumes */
    unsigned full_since;

    pthread_mutex_t mutex; /* for what follows, and never held while the host is called */
    struct stanza *inbox, **last_in_inbox;
    bool taking; /* the inbox is looked into */
    struct call *calls;
    bool rests; /* the thread is at its end */
    pthread_cond_t rested;
};

/* component.c */
void say(struct jabberd_instance *self, jabberd_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
uint64_t now(void);

/* listener.c */
bool listener_configure(struct listener *listener, const char *address, const char *port);
bool listener_open(struct jabberd_instance *self, struct listener *listener);
void listener_accept(struct jabberd_instance *self, struct listener *listener);
void listener_name(const struct listener *listener, char *name, size_t room); /* with the port it got */

/* loop.c */
bool loop_run(struct jabberd_instance *self);
bool loop_rest(struct jabberd_instance *self, unsigned deadline_ms); /* stops the thread; false: it did not */
void loop_call(struct jabberd_instance *self, void (*function)(void *data), void *data); /* and waits. [main] */
void loop_wake(struct jabberd_instance *self);                                           /* any thread */
void loop_watch(struct jabberd_instance *self, struct connection *connection);
void loop_take_inbox(struct jabberd_instance *self);
void loop_free_closed(struct jabberd_instance *self);
bool is_full(struct jabberd_instance *self);

/* connection.c */
struct connection *connection_new(int fd, const char *client);
void connection_add(struct jabberd_instance *self, struct connection *connection); /* its id, token and epoch are set */
bool parse_address(const char *address, uint32_t *id, uint32_t *token, char epoch[MAX_EPOCH + 1]);
struct connection *connection_find(struct jabberd_instance *self, jabberd_view address);
void connection_free(struct connection *connection, bool close_it);
void connection_read(struct jabberd_instance *self, struct connection *connection);
void connection_go_on(struct jabberd_instance *self,
                      struct connection *connection); /* with what is unfinished, and unread */
void connection_read_on(struct jabberd_instance *self, struct connection *connection); /* with what is unread */
void connection_write(struct jabberd_instance *self, struct connection *connection);
void connection_lost(struct jabberd_instance *self, struct connection *connection, const char *why);
void connection_error(struct jabberd_instance *self, struct connection *connection, const char *condition);
struct piece *connection_queue(struct connection *connection, const void *data, size_t size, const char *sfrom);

/* session.c */
bool session_waits(const struct connection *connection); /* for the answer to a login: nothing is read before */
void session_admit(struct jabberd_instance *self, struct connection *connection, struct stanza *stanza);
void session_receive(struct jabberd_instance *self, struct stanza *stanza); /* a packet of the host; is freed */
void session_deliver_held(struct jabberd_instance *self, struct connection *connection, bool even_if_full);
void session_end(struct jabberd_instance *self, struct connection *connection);
void session_return_unwritten(struct jabberd_instance *self, struct connection *connection);
void return_packet(struct jabberd_instance *self, const struct stanza *stanza, const char *reason); /* any thread */
void random_id(char id[33]);

/* handover.c, thaw.c */
extern const jabberd_handover handover;
struct snapshot;
bool take_over(struct jabberd_instance *self, const jabberd_snapshot *snapshot);

#endif
