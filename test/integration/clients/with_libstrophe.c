/* SPDX-License-Identifier: LGPL-2.1-or-later
 * A client made with libstrophe: header of version 1.0, so it waits for features; then plain iq:auth, or TLS and the
 * strongest SCRAM there is: it leaves no choice of the mechanism. */
#include "shell.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <strophe.h>

struct client {
    struct account account;
    bool comes_back, was_ready, is_ready, over;
    char *unsent[1000];
    size_t unsent_count;
};

static int on_message(xmpp_conn_t *connection, xmpp_stanza_t *stanza, void *data)
{
    (void)data;
    char *body = xmpp_stanza_get_text(xmpp_stanza_get_child_by_name(stanza, "body"));
    if (body != NULL && xmpp_stanza_get_from(stanza) != NULL)
        shell_say(xmpp_stanza_get_from(stanza), body);
    xmpp_free(xmpp_conn_get_context(connection), body);
    return 1;
}

static void on_connection(xmpp_conn_t *connection, xmpp_conn_event_t event, int error,
                          xmpp_stream_error_t *stream_error, void *data)
{
    (void)error;
    (void)stream_error;
    struct client *me = data;
    if (event != XMPP_CONN_CONNECT) {
        me->is_ready = false;
        if (me->comes_back)
            return;
        shell_say(me->was_ready ? "closed" : "refused", NULL);
        me->over = true;
        return;
    }
    xmpp_handler_add(connection, on_message, NULL, "message", NULL, NULL);
    me->is_ready = true;
    if (me->was_ready) { /* it does not tell a session that is back from a new one: the test does, by what comes */
        shell_say("resumed", NULL);
        return;
    }
    me->was_ready = true;
    xmpp_stanza_t *presence = xmpp_presence_new(xmpp_conn_get_context(connection));
    xmpp_send(connection, presence);
    xmpp_stanza_release(presence);
    shell_say("ready", NULL);
}

static void send_message(xmpp_conn_t *connection, const char *to, const char *body)
{
    xmpp_stanza_t *message = xmpp_message_new(xmpp_conn_get_context(connection), "chat", to, NULL);
    xmpp_message_set_body(message, body);
    xmpp_send(connection, message);
    xmpp_stanza_release(message);
}

static int refuse_certificate(const xmpp_tlscert_t *certificate, const char *reason)
{
    (void)certificate;
    fprintf(stderr, "certificate: %s\n", reason);
    return 0;
}

static void use_tls(xmpp_conn_t *connection, const struct account *account)
{
    xmpp_conn_set_flags(connection,
                        account->tls == DIRECT_TLS ? XMPP_CONN_FLAG_LEGACY_SSL : XMPP_CONN_FLAG_MANDATORY_TLS);
    xmpp_conn_set_cafile(connection, account->ca_file);
    xmpp_conn_set_certfail_handler(connection, refuse_certificate);
}

/* With the session of one that is gone, or NULL. */
static xmpp_conn_t *dial(xmpp_ctx_t *library, struct client *me, xmpp_sm_state_t *session)
{
    xmpp_conn_t *connection = xmpp_conn_new(library);
    if (me->account.tls == NO_TLS)
        xmpp_conn_set_flags(connection, XMPP_CONN_FLAG_DISABLE_TLS | XMPP_CONN_FLAG_LEGACY_AUTH);
    else
        use_tls(connection, &me->account);
    xmpp_conn_set_jid(connection, me->account.jid);
    xmpp_conn_set_pass(connection, me->account.password);
    if (session != NULL)
        xmpp_conn_set_sm_state(connection, session);
    if (xmpp_connect_client(connection, "127.0.0.1", me->account.port, on_connection, me) != XMPP_EOK)
        exit(1);
    return connection;
}

/* Its session has what was written and not acknowledged; of the rest it is asked, and we keep it. */
static xmpp_conn_t *come_back(xmpp_ctx_t *library, struct client *me, xmpp_conn_t *lost)
{
    char *stanza;
    while (me->unsent_count < sizeof me->unsent / sizeof *me->unsent &&
           (stanza = xmpp_conn_send_queue_drop_element(lost, XMPP_QUEUE_OLDEST)) != NULL)
        me->unsent[me->unsent_count++] = stanza;
    xmpp_sm_state_t *session = xmpp_conn_get_sm_state(lost);
    xmpp_conn_release(lost);
    return dial(library, me, session);
}

static void send_unsent(xmpp_ctx_t *library, struct client *me, xmpp_conn_t *connection)
{
    for (size_t i = 0; i < me->unsent_count; ++i) {
        xmpp_stanza_t *stanza = xmpp_stanza_new_from_string(library, me->unsent[i]);
        xmpp_send(connection, stanza);
        xmpp_stanza_release(stanza);
        xmpp_free(library, me->unsent[i]);
    }
    me->unsent_count = 0;
}

int main(int argc, char **argv)
{
    struct client me = {.comes_back = getenv("COMES_BACK") != NULL};
    if (!shell_arguments(argc, argv, &me.account) || me.account.mechanism != NULL)
        return 2;
    signal(SIGPIPE, SIG_IGN); /* it writes to connections that are gone */
    xmpp_initialize();
    xmpp_ctx_t *library = xmpp_ctx_new(NULL, NULL);
    xmpp_conn_t *connection = dial(library, &me, NULL);

    const char *to, *body;
    bool leaving = false;
    while (!me.over) {
        if (me.comes_back && me.was_ready && xmpp_conn_is_disconnected(connection)) {
            if (leaving)
                break;
            connection = come_back(library, &me, connection);
        }
        if (me.is_ready)
            send_unsent(library, &me, connection);
        const bool listens = !leaving && (!me.comes_back || me.is_ready);
        const enum order order = listens ? shell_next(&to, &body) : ORDER_NONE;
        if (order == ORDER_SEND)
            send_message(connection, to, body);
        if (order == ORDER_QUIT)
            xmpp_disconnect(connection);
        leaving = leaving || order == ORDER_QUIT;
        xmpp_run_once(library, 10);
    }
    xmpp_conn_release(connection);
    xmpp_ctx_free(library);
    xmpp_shutdown();
    return 0;
}
