/* SPDX-License-Identifier: LGPL-2.1-or-later
 * A client made with libstrophe: header of version 1.0, so it waits for features; then plain iq:auth, or TLS and the
 * strongest SCRAM there is: it leaves no choice of the mechanism. */
#include "shell.h"

#include <stdio.h>
#include <strophe.h>

struct client {
    struct account account;
    bool was_ready, over;
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
        shell_say(me->was_ready ? "closed" : "refused", NULL);
        me->over = true;
        return;
    }
    me->was_ready = true;
    xmpp_handler_add(connection, on_message, NULL, "message", NULL, NULL);
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

int main(int argc, char **argv)
{
    struct client me = {0};
    if (!shell_arguments(argc, argv, &me.account) || me.account.mechanism != NULL)
        return 2;
    xmpp_initialize();
    xmpp_ctx_t *library = xmpp_ctx_new(NULL, NULL);
    xmpp_conn_t *connection = xmpp_conn_new(library);
    if (me.account.tls == NO_TLS)
        xmpp_conn_set_flags(connection, XMPP_CONN_FLAG_DISABLE_TLS | XMPP_CONN_FLAG_LEGACY_AUTH);
    else
        use_tls(connection, &me.account);
    xmpp_conn_set_jid(connection, me.account.jid);
    xmpp_conn_set_pass(connection, me.account.password);
    if (xmpp_connect_client(connection, "127.0.0.1", me.account.port, on_connection, &me) != XMPP_EOK)
        return 1;

    const char *to, *body;
    bool leaving = false;
    while (!me.over) {
        const enum order order = leaving ? ORDER_NONE : shell_next(&to, &body);
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
