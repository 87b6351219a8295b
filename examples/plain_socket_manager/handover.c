/* SPDX-License-Identifier: MIT */
/* The old one's part of a swap: to stop, to say everything, and to forget it. */
#include "plain.h"

#include <stdlib.h>
#include <string.h>

/* Two passes would know the sizes; one with lengths put in afterwards is shorter. */
struct snapshot {
    jabberd_snapshot abi;
    struct bytes records;
    int *descriptors;
};

static size_t open_record(struct bytes *out, uint32_t tag)
{
    const uint32_t head[2] = {tag, 0};
    put(out, head, sizeof head);
    return out->size;
}

static void close_record(struct bytes *out, size_t begin)
{
    const uint32_t length = (uint32_t)(out->size - begin);
    memcpy(out->data + begin - sizeof length, &length, sizeof length);
}

static void put_record(struct bytes *out, uint32_t tag, const void *value, size_t size)
{
    const size_t begin = open_record(out, tag);
    put(out, value, size);
    close_record(out, begin);
}

static void put_u32(struct bytes *out, uint32_t tag, uint32_t value)
{
    put_record(out, tag, &value, sizeof value);
}

static void put_u64(struct bytes *out, uint32_t tag, uint64_t value)
{
    if (value != 0)
        put_record(out, tag, &value, sizeof value);
}

static void put_string(struct bytes *out, uint32_t tag, const char *text)
{
    if (text != NULL)
        put_record(out, tag, text, strlen(text));
}

static void put_sized(struct bytes *out, const char *text)
{
    const uint32_t size = text == NULL ? 0 : (uint32_t)strlen(text);
    put(out, &size, sizeof size);
    put(out, text, size);
}

static uint32_t index_of(struct snapshot *snapshot, int fd)
{
    snapshot->descriptors[snapshot->abi.descriptor_count] = fd;
    return (uint32_t)snapshot->abi.descriptor_count++;
}

static void put_waiting(struct bytes *out, const struct connection *connection)
{
    for (const struct piece *piece = connection->first; piece != NULL; piece = piece->next) {
        const size_t begin = open_record(out, JABBERD_CONNECTION_QUEUED);
        const uint32_t written = (uint32_t)piece->written;
        put(out, &written, sizeof written);
        put_sized(out, piece->sfrom);
        put(out, piece->bytes.data, piece->bytes.size);
        close_record(out, begin);
    }
    for (const struct stanza *stanza = connection->held; stanza != NULL; stanza = stanza->next) {
        const size_t begin = open_record(out, JABBERD_CONNECTION_HELD);
        put_packet(out, &stanza->packet);
        close_record(out, begin);
    }
    for (const struct asked *asked = connection->asked; asked != NULL; asked = asked->next) {
        const size_t begin = open_record(out, JABBERD_CONNECTION_ASKED);
        const uint32_t numbers[2] = {asked->kind, asked->client_id != NULL};
        put(out, numbers, sizeof numbers);
        put_sized(out, asked->nonce);
        put(out, asked->client_id, asked->client_id == NULL ? 0 : strlen(asked->client_id));
        close_record(out, begin);
    }
}

static void put_connection(struct snapshot *snapshot, const struct connection *connection)
{
    struct bytes *out = &snapshot->records;
    const size_t begin = open_record(out, JABBERD_SNAPSHOT_CONNECTION);
    put_string(out, JABBERD_CONNECTION_ADDRESS, connection->address);
    put_u32(out, JABBERD_CONNECTION_DESCRIPTOR, index_of(snapshot, connection->fd));
    put_string(out, JABBERD_CONNECTION_CLIENT, connection->client);
    put_u32(out, JABBERD_CONNECTION_STREAM, (uint32_t)connection->stream);
    put_u32(out, JABBERD_CONNECTION_SESSION, connection->bound ? 2 : 0);
    put_string(out, JABBERD_CONNECTION_TO, connection->to);
    put_string(out, JABBERD_CONNECTION_IDENTITY, connection->session);
    if (connection->ended)
        put_u32(out, JABBERD_CONNECTION_ENDED, 1);
    if (connection->stream_id[0] != '\0')
        put_string(out, JABBERD_CONNECTION_STREAM_ID, connection->stream_id);
    if (connection->primer.size > 0)
        put_record(out, JABBERD_CONNECTION_HEADER, connection->primer.data, connection->primer.size);
    put_string(out, JABBERD_CONNECTION_LANG, connection->lang);
    if (connection->unfinished.size > 0)
        put_record(out, JABBERD_CONNECTION_UNFINISHED, connection->unfinished.data, connection->unfinished.size);
    if (connection->unread.size > 0)
        put_record(out, JABBERD_CONNECTION_UNREAD, connection->unread.data, connection->unread.size);
    put_waiting(out, connection);
    if (connection->failed != 0)
        put_u32(out, JABBERD_CONNECTION_FAILED, connection->failed);
    put_u64(out, JABBERD_CONNECTION_SINCE, connection->since);
    put_u64(out, JABBERD_CONNECTION_LAST_READ, connection->last_read);
    put_u64(out, JABBERD_CONNECTION_LAST_WRITE, connection->last_write);
    put_u64(out, JABBERD_CONNECTION_GIVE_UP, connection->give_up);
    const uint64_t bytes[2] = {connection->bytes_in, connection->bytes_out};
    const uint64_t stanzas[2] = {connection->stanzas_in, connection->stanzas_out};
    put_record(out, JABBERD_CONNECTION_BYTES, bytes, sizeof bytes);
    put_record(out, JABBERD_CONNECTION_STANZAS, stanzas, sizeof stanzas);
    close_record(out, begin);
}

static void put_counter(struct bytes *out, const char *name, uint64_t sum)
{
    const size_t begin = open_record(out, JABBERD_SNAPSHOT_COUNTER);
    put(out, &sum, sizeof sum);
    put_text(out, name);
    close_record(out, begin);
}

static const jabberd_snapshot *freeze(jabberd_instance *self, unsigned deadline_ms)
{
    if (self->state != RUNNING || !loop_rest(self, deadline_ms)) {
        say(self, JABBERD_LOG_ERROR, "cannot be frozen: %s",
            self->state == RUNNING ? "the host does not return from deliver()" : "it is not running");
        return NULL;
    }
    loop_take_inbox(self); /* what came in between; from now on the host keeps it */
    loop_free_closed(self);
    self->state = FROZEN;
    struct snapshot *snapshot = self->snapshot = need(calloc(1, sizeof *snapshot));
    struct bytes *out = &snapshot->records;
    snapshot->descriptors = need(calloc(self->listener_count + self->connection_count + 1, sizeof(int)));
    put_u32(out, JABBERD_SNAPSHOT_BEGIN, 1);
    put_string(out, JABBERD_SNAPSHOT_WRITER, "plain_socket_manager 1.0");
    put_string(out, JABBERD_SNAPSHOT_HOST, self->name);
    put_u32(out, JABBERD_SNAPSHOT_NEXT_TOKEN, self->next_token);
    put_string(out, JABBERD_SNAPSHOT_EPOCH, self->epoch);
    put_u32(out, JABBERD_SNAPSHOT_FULL, is_full(self));
    uint32_t count = 8; /* with the counters */
    for (unsigned i = 0; i < self->listener_count; ++i, ++count) {
        const size_t begin = open_record(out, JABBERD_SNAPSHOT_LISTENER);
        put_u32(out, JABBERD_LISTENER_DESCRIPTOR, index_of(snapshot, self->listeners[i].fd));
        put_string(out, JABBERD_LISTENER_CONFIGURED, self->listeners[i].configured);
        close_record(out, begin);
    }
    for (const struct connection *connection = self->connections; connection != NULL;
         connection = connection->next, ++count)
        put_connection(snapshot, connection);
    put_counter(out, "accepted", self->accepted);
    put_counter(out, "logins", self->logins);
    put_u32(out, JABBERD_SNAPSHOT_END, count);
    snapshot->abi.size = sizeof snapshot->abi;
    snapshot->abi.records = (const unsigned char *)out->data;
    snapshot->abi.record_bytes = out->size;
    snapshot->abi.descriptors = snapshot->descriptors;
    return &snapshot->abi;
}

static void drop_snapshot(struct jabberd_instance *self)
{
    struct snapshot *snapshot = self->snapshot;
    self->snapshot = NULL;
    drop_bytes(&snapshot->records);
    free(snapshot->descriptors);
    free(snapshot);
}

static bool thaw(jabberd_instance *self, const jabberd_snapshot *snapshot)
{
    if (self->state != FROZEN)
        return self->state == CREATED && take_over(self, snapshot);
    drop_snapshot(self);
    return loop_run(self);
}

static void commit(jabberd_instance *self)
{
    drop_snapshot(self);
    if (self->state == FROZEN)
        self->state = GIVEN_AWAY;
}

const jabberd_handover handover = {sizeof handover, freeze, thaw, commit};
