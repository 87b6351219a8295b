/* SPDX-License-Identifier: LGPL-2.1-or-later
 * A client made with loudmouth, the library of mcabber and gossip: STARTTLS, then SASL PLAIN. (In the clear it is
 * offered SCRAM alone, which it does not know, and waits for ever.) */
#include "shell.h"

#include <loudmouth/loudmouth.h>

struct client {
    struct account account;
    GMainLoop *loop;
    LmConnection *connection;
    bool ready;
};

static void give_up(struct client *me, const char *why)
{
    shell_say(why, NULL);
    g_main_loop_quit(me->loop);
}

static LmHandlerResult on_message(LmMessageHandler *handler, LmConnection *connection, LmMessage *message,
                                  gpointer data)
{
    (void)handler;
    (void)connection;
    (void)data;
    LmMessageNode *node = lm_message_get_node(message);
    LmMessageNode *body = lm_message_node_get_child(node, "body");
    const char *from = lm_message_node_get_attribute(node, "from");
    if (body != NULL && from != NULL)
        shell_say(from, lm_message_node_get_value(body));
    return LM_HANDLER_RESULT_REMOVE_MESSAGE;
}

static void on_login(LmConnection *connection, gboolean success, gpointer data)
{
    struct client *me = data;
    if (!success)
        return give_up(me, "refused");
    me->ready = true;
    LmMessage *presence = lm_message_new_with_sub_type(NULL, LM_MESSAGE_TYPE_PRESENCE, LM_MESSAGE_SUB_TYPE_AVAILABLE);
    lm_connection_send(connection, presence, NULL);
    lm_message_unref(presence);
    shell_say("ready", NULL);
}

static void on_open(LmConnection *connection, gboolean success, gpointer data)
{
    struct client *me = data;
    const struct account *account = &me->account;
    if (!success || !lm_connection_authenticate(connection, account->user, account->password, account->resource,
                                                on_login, me, NULL, NULL))
        give_up(me, "refused");
}

static void on_close(LmConnection *connection, LmDisconnectReason reason, gpointer data)
{
    (void)connection;
    struct client *me = data;
    if (reason != LM_DISCONNECT_REASON_OK)
        give_up(me, me->ready ? "closed" : "refused");
}

/* A certificate that signs itself. */
static LmSSLResponse on_certificate(LmSSL *ssl, LmSSLStatus status, gpointer data)
{
    (void)ssl;
    (void)status;
    (void)data;
    return LM_SSL_RESPONSE_CONTINUE;
}

/* Loudmouth brings its own main loop; standard input is looked at between its turns. */
static gboolean on_turn(gpointer data)
{
    struct client *me = data;
    const char *to, *body;
    const enum order order = shell_next(&to, &body);
    if (order == ORDER_SEND) {
        LmMessage *message = lm_message_new_with_sub_type(to, LM_MESSAGE_TYPE_MESSAGE, LM_MESSAGE_SUB_TYPE_CHAT);
        lm_message_node_add_child(lm_message_get_node(message), "body", body);
        lm_connection_send(me->connection, message, NULL);
        lm_message_unref(message);
    }
    if (order == ORDER_QUIT)
        g_main_loop_quit(me->loop);
    return G_SOURCE_CONTINUE;
}

int main(int argc, char **argv)
{
    struct client me = {0};
    if (!shell_arguments(argc, argv, &me.account))
        return 2;
    me.loop = g_main_loop_new(NULL, FALSE);
    me.connection = lm_connection_new("127.0.0.1");
    lm_connection_set_port(me.connection, me.account.port);
    lm_connection_set_jid(me.connection, me.account.jid);
    LmSSL *ssl = lm_ssl_new(NULL, on_certificate, &me, NULL);
    lm_ssl_use_starttls(ssl, TRUE, TRUE);
    lm_connection_set_ssl(me.connection, ssl);
    lm_ssl_unref(ssl);
    lm_connection_set_disconnect_function(me.connection, on_close, &me, NULL);
    LmMessageHandler *handler = lm_message_handler_new(on_message, NULL, NULL);
    lm_connection_register_message_handler(me.connection, handler, LM_MESSAGE_TYPE_MESSAGE, LM_HANDLER_PRIORITY_NORMAL);
    g_timeout_add(5, on_turn, &me);
    if (!lm_connection_open(me.connection, on_open, &me, NULL, NULL))
        return 1;
    g_main_loop_run(me.loop);

    lm_connection_close(me.connection, NULL);
    lm_message_handler_unref(handler);
    lm_connection_unref(me.connection);
    g_main_loop_unref(me.loop);
    return 0;
}
