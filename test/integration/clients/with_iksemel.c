/* SPDX-License-Identifier: LGPL-2.1-or-later
 * A client made with iksemel: a parser of its own, header without version, login plain or digest as it is told. */
#include "shell.h"

#include <iksemel.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

struct client {
    struct account account;
    iksparser *parser;
    bool over;
};

static void log_in(struct client *me, const char *stream_id)
{
    iksid *id = iks_id_new(iks_parser_stack(me->parser), me->account.jid);
    iks *auth = iks_make_auth(id, me->account.password, me->account.digest ? stream_id : NULL);
    iks_insert_attrib(auth, "id", "auth");
    iks_send(me->parser, auth);
    iks_delete(auth);
}

static void on_login_answer(struct client *me, const ikspak *packet)
{
    if (packet->subtype != IKS_TYPE_RESULT) {
        shell_say("refused", NULL);
        me->over = true;
        return;
    }
    iks *presence = iks_make_pres(IKS_SHOW_AVAILABLE, NULL);
    iks_send(me->parser, presence);
    iks_delete(presence);
    shell_say("ready", NULL);
}

static int on_stream(void *data, int type, iks *node)
{
    struct client *me = data;
    if (type == IKS_NODE_START)
        log_in(me, iks_find_attrib(node, "id"));
    if (type == IKS_NODE_ERROR || type == IKS_NODE_STOP) {
        shell_say("closed", NULL);
        me->over = true;
    }
    if (type == IKS_NODE_NORMAL) {
        const ikspak *packet = iks_packet(node);
        const char *body = iks_find_cdata(node, "body");
        if (packet->type == IKS_PAK_IQ && packet->id != NULL && strcmp(packet->id, "auth") == 0)
            on_login_answer(me, packet);
        else if (packet->type == IKS_PAK_MESSAGE && packet->from != NULL && body != NULL)
            shell_say(packet->from->full, body);
    }
    if (node != NULL)
        iks_delete(node);
    return IKS_OK;
}

/* iks_recv() waits in whole seconds. */
static bool wait_for_either(iksparser *parser)
{
    struct pollfd descriptors[] = {{iks_fd(parser), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    poll(descriptors, 2, -1);
    return descriptors[0].revents != 0;
}

int main(int argc, char **argv)
{
    struct client me = {0};
    if (!shell_arguments(argc, argv, &me.account))
        return 2;
    me.parser = iks_stream_new((char *)IKS_NS_CLIENT, &me, on_stream);
    if (iks_connect_via(me.parser, "127.0.0.1", me.account.port, me.account.host) != IKS_OK)
        return 1;

    const char *to, *body;
    enum order order = ORDER_NONE;
    while (!me.over && (order = shell_next(&to, &body)) != ORDER_QUIT) {
        if (order == ORDER_SEND) {
            iks *message = iks_make_msg(IKS_TYPE_CHAT, to, body);
            iks_send(me.parser, message);
            iks_delete(message);
        } else if (wait_for_either(me.parser) && iks_recv(me.parser, 0) != IKS_OK) {
            break;
        }
    }
    iks_disconnect(me.parser);
    iks_parser_delete(me.parser);
    return 0;
}
