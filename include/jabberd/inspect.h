/* SPDX-License-Identifier: MIT */
/* Extension "jabberd.inspect/1" of a component: what it is doing, for `jabberd-ctl status` and `jabberd-ctl sessions`.
 */
#ifndef JABBERD_INSPECT_H
#define JABBERD_INSPECT_H

#include <jabberd/component.h>

#ifdef __cplusplus
extern "C" {
#endif

#define JABBERD_INSPECT "jabberd.inspect/1"

/* One line of status: a key of the component's own ("connections"), and its value as text ("4812"). Borrowed. */
typedef void (*jabberd_status_sink)(void *data, jabberd_view key, jabberd_view value);

/* One connection, or a session that waits for one. Borrowed. What is behind `security` is there if `size` says so. */
typedef struct jabberd_session {
    size_t size;
    jabberd_view connection;     /* its address at this component, the sfrom of its packets */
    jabberd_view session;        /* the session id, the sto of its packets; the session manager's host while Unknown */
    jabberd_view client_address; /* "192.0.2.1:40210", "[2001:db8::1]:40210" */
    bool authenticated;
    uint64_t age_ms;
    uint64_t idle_ms;
    uint64_t bytes_in, bytes_out;
    uint64_t stanzas_in, stanzas_out;
    uint64_t queued_bytes; /* accepted from the session manager, not yet written */
    jabberd_view security; /* "" for plain TCP, otherwise TLS version and cipher; "websocket" in front where one carries
                              the stream */
    bool detached; /* its client is gone, and may come back to it (XEP-0198); client_address is where it was last, and
                      queued_bytes what it has not acknowledged */
    uint64_t detached_ms; /* for how long */
} jabberd_session;

typedef void (*jabberd_session_sink)(void *data, const jabberd_session *session);

/* [main & running, stopped] Both call the sink on the caller's thread, before they return. They may wait for the
 * component's own threads, a few milliseconds. */
typedef struct jabberd_inspect {
    size_t size;
    void (*status)(jabberd_instance *instance, jabberd_status_sink sink, void *data);
    void (*sessions)(jabberd_instance *instance, jabberd_session_sink sink,
                     void *data); /* may be NULL: has no sessions */
} jabberd_inspect;

#ifdef __cplusplus
}
#endif

#endif
