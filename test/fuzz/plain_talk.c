/* SPDX-License-Identifier: MIT */
#include "plain_talk.h"

#include "plain.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct plain_talk {
    jabberd_host host;
    struct jabberd_instance *self;
    struct connection *connection; /* NULL: freed */
    void (*on_packet)(void *data, const jabberd_packet *packet);
    void *data;
    int client;
    bool full;
    struct bytes heard;
    char address[64];
};

static jabberd_delivery deliver(const jabberd_host *host, const jabberd_packet *packet)
{
    struct plain_talk *talk = host->host_data;
    talk->on_packet(talk->data, packet);
    return talk->full ? JABBERD_FULL : JABBERD_DELIVERED;
}

static void log_nothing(const jabberd_host *host, const jabberd_log_record *record)
{
    (void)host, (void)record;
}

struct plain_talk *plain_talk_new(void (*on_packet)(void *data, const jabberd_packet *packet), void *data)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
        abort();
    struct plain_talk *talk = need(calloc(1, sizeof *talk));
    struct jabberd_instance *self = talk->self = need(calloc(1, sizeof *self));
    talk->host.size = sizeof talk->host;
    talk->host.host_data = talk;
    talk->host.deliver = deliver;
    talk->host.log = log_nothing;
    talk->on_packet = on_packet;
    talk->data = data;
    talk->client = ends[1];
    self->host = &talk->host;
    self->name = need(strdup("c2s"));
    self->state = THAWED; /* nothing is watched */
    self->epoll = self->wake = -1;
    self->last_in_inbox = &self->inbox;
    pthread_mutex_init(&self->mutex, NULL);
    talk->connection = connection_new(ends[0], "client");
    talk->connection->id = 7;
    talk->connection->token = 1;
    connection_add(self, talk->connection);
    memcpy(talk->address, talk->connection->address, strlen(talk->connection->address));
    return talk;
}

static void hear(struct plain_talk *talk)
{
    char bytes[16384];
    for (ssize_t size; (size = recv(talk->client, bytes, sizeof bytes, 0)) > 0;)
        put(&talk->heard, bytes, (size_t)size);
    if (talk->self->closed == talk->connection)
        talk->connection = NULL;
    loop_free_closed(talk->self);
}

void plain_talk_send(struct plain_talk *talk, const char *bytes, size_t size)
{
    while (talk->connection != NULL && size > 0) {
        const ssize_t sent = send(talk->client, bytes, size < 8192 ? size : 8192, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes += sent;
        size -= (size_t)sent;
        /* As the loop reads: not while a login is answered. */
        if (!session_waits(talk->connection))
            connection_read(talk->self, talk->connection);
        hear(talk);
    }
}

void plain_talk_give(struct plain_talk *talk, const jabberd_packet *packet)
{
    struct stanza *stanza = stanza_copy(packet);
    if (stanza != NULL)
        session_receive(talk->self, stanza);
    hear(talk);
}

void plain_talk_fill(struct plain_talk *talk, bool full)
{
    talk->full = full;
    if (full)
        return;
    atomic_fetch_add(&talk->self->resumes, 1);
    if (talk->connection != NULL)
        session_deliver_held(talk->self, talk->connection, false);
    hear(talk);
}

const char *plain_talk_heard(struct plain_talk *talk, size_t *size)
{
    *size = talk->heard.size;
    return talk->heard.size == 0 ? "" : talk->heard.data;
}

const char *plain_talk_address(const struct plain_talk *talk)
{
    return talk->address;
}

bool plain_talk_is_open(const struct plain_talk *talk)
{
    return talk->connection != NULL && talk->connection->stream == OPEN;
}

void plain_talk_free(struct plain_talk *talk)
{
    if (talk->connection != NULL)
        connection_lost(talk->self, talk->connection, "the test ends");
    loop_free_closed(talk->self);
    pthread_mutex_destroy(&talk->self->mutex);
    close(talk->client);
    drop_bytes(&talk->heard);
    free(talk->self->name);
    free(talk->self);
    free(talk);
}
