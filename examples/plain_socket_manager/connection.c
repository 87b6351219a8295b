/* SPDX-License-Identifier: MIT */
/* One client: its socket, its stream, and what is waiting in between. */
#include "plain.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct limits before_login = {8192, 32, 16, NULL}, after_login = {262144, 10000, 60, NULL};
static const unsigned max_lang = 64;       /* of a language tag; a longer one would be copied onto each stanza */
static const uint64_t linger = 3000000000; /* for a client to read our last words: a close at once would be a reset */

struct connection *connection_new(int fd, const char *client)
{
    struct connection *connection = need(calloc(1, sizeof *connection));
    connection->fd = fd;
    snprintf(connection->client, sizeof connection->client, "%s", client);
    connection->last = &connection->first;
    connection->last_held = &connection->held;
    connection->allowance = MAX_BURST;
    return connection;
}

static struct connection **bucket_of(struct jabberd_instance *self, uint32_t id, uint32_t token)
{
    return &self->buckets[(id ^ token * 31u) % BUCKETS];
}

/* <id>@<host>/<token>, with the epoch in the token; false when there is no room for it. */
static bool format_address(char *address, size_t room, const char *host, uint32_t id, uint32_t token, const char *epoch)
{
    return snprintf(address, room, "%u@%s/%x%s%s", id, host, token, epoch[0] == '\0' ? "" : "-", epoch) < (int)room;
}

/* Only as it would be written here, so that one address has one spelling. Whose host it is, is not looked at. */
bool parse_address(const char *address, uint32_t *id, uint32_t *token, char epoch[MAX_EPOCH + 1])
{
    const char *at = strchr(address, '@'), *slash = strchr(address, '/');
    char host[1024], again[1200];
    if (at == NULL || slash == NULL || slash < at || slash - at > (ptrdiff_t)sizeof host)
        return false;
    *id = (uint32_t)strtoul(address, NULL, 10);
    *token = (uint32_t)strtoul(slash + 1, NULL, 16);
    const char *dash = strchr(slash, '-');
    const size_t size = dash == NULL ? 0 : strlen(dash + 1);
    if (size > MAX_EPOCH || (size > 0 && strspn(dash + 1, "0123456789abcdefghijklmnopqrstuvwxyz") != size))
        return false;
    memcpy(epoch, dash == NULL ? "" : dash + 1, size + 1);
    memcpy(host, at + 1, (size_t)(slash - at - 1));
    host[slash - at - 1] = '\0';
    return host[0] != '\0' && format_address(again, sizeof again, host, *id, *token, epoch) &&
           strcmp(address, again) == 0;
}

void connection_add(struct jabberd_instance *self, struct connection *connection)
{
    const size_t room = strlen(self->name) + MAX_EPOCH + 32;
    free(connection->address);
    connection->address = need(calloc(1, room));
    format_address(connection->address, room, self->name, connection->id, connection->token, connection->epoch);
    struct connection **bucket = bucket_of(self, connection->id, connection->token);
    connection->next_in_bucket = *bucket;
    *bucket = connection;
    connection->next = self->connections;
    if (connection->next != NULL)
        connection->next->previous = connection;
    self->connections = connection;
    ++self->connection_count;
}

struct connection *connection_find(struct jabberd_instance *self, jabberd_view address)
{
    uint32_t id, token;
    char epoch[MAX_EPOCH + 1], *text = copy_of(address);
    struct connection *found = NULL;
    if (text != NULL && same_host(host_of(address), self->name) && parse_address(text, &id, &token, epoch)) {
        found = *bucket_of(self, id, token);
        while (found != NULL && (found->id != id || found->token != token || strcmp(found->epoch, epoch) != 0))
            found = found->next_in_bucket;
    }
    free(text);
    return found;
}

void connection_free(struct connection *connection, bool close_it)
{
    if (close_it)
        close(connection->fd);
    while (connection->first != NULL) {
        struct piece *piece = connection->first;
        connection->first = piece->next;
        drop_bytes(&piece->bytes);
        free(piece->sfrom);
        free(piece);
    }
    while (connection->held != NULL) {
        struct stanza *stanza = connection->held;
        connection->held = stanza->next;
        stanza_free(stanza);
    }
    while (connection->asked != NULL) {
        struct asked *asked = connection->asked;
        connection->asked = asked->next;
        free(asked->nonce);
        free(asked->client_id);
        free(asked);
    }
    reader_free(connection->reader);
    drop_bytes(&connection->unfinished);
    drop_bytes(&connection->unread);
    drop_bytes(&connection->primer);
    free(connection->address);
    free(connection->to);
    free(connection->session);
    free(connection->lang);
    free(connection);
}

struct piece *connection_queue(struct connection *connection, const void *data, size_t size, const char *sfrom)
{
    struct piece *piece = need(calloc(1, sizeof *piece));
    put(&piece->bytes, data, size);
    piece->sfrom = copy_of(view(sfrom));
    *connection->last = piece;
    connection->last = &piece->next;
    connection->queued += size;
    return piece;
}

static void close_it(struct jabberd_instance *self, struct connection *connection)
{
    if (connection->stream == CLOSED)
        return;
    connection->stream = CLOSED;
    session_end(self, connection);
    if (connection->bound)
        session_return_unwritten(self, connection);
    struct connection **bucket = bucket_of(self, connection->id, connection->token);
    while (*bucket != connection)
        bucket = &(*bucket)->next_in_bucket;
    *bucket = connection->next_in_bucket;
    if (connection->next != NULL)
        connection->next->previous = connection->previous;
    *(connection->previous == NULL ? &self->connections : &connection->previous->next) = connection->next;
    --self->connection_count;
    epoll_ctl(self->epoll, EPOLL_CTL_DEL, connection->fd, NULL);
    connection->next = self->closed; /* freed at the end of the turn: callers still hold it */
    self->closed = connection;
}

void connection_lost(struct jabberd_instance *self, struct connection *connection, const char *why)
{
    if (connection->stream != CLOSED && connection->stream != ENDING)
        say(self, JABBERD_LOG_INFO, "%s disconnected: %s", connection->client, why);
    close_it(self, connection);
}

void connection_write(struct jabberd_instance *self, struct connection *connection)
{
    while (connection->stream != CLOSED && connection->first != NULL) {
        struct piece *piece = connection->first;
        const size_t rest = piece->bytes.size - piece->written;
        const ssize_t sent = send(connection->fd, piece->bytes.data + piece->written, rest, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno != EAGAIN)
            return connection_lost(self, connection, "it cannot be written to");
        if (sent < 0)
            break;
        connection->last_write = now();
        connection->bytes_out += (uint64_t)sent;
        connection->queued -= (size_t)sent;
        piece->written += (size_t)sent;
        if (piece->written < piece->bytes.size)
            continue;
        connection->first = piece->next;
        if (connection->first == NULL)
            connection->last = &connection->first;
        drop_bytes(&piece->bytes);
        free(piece->sfrom);
        free(piece);
    }
    if (connection->stream == ENDING && connection->first == NULL && !connection->said_all) {
        connection->said_all = true;
        shutdown(connection->fd, SHUT_WR);
    }
    loop_watch(self, connection);
}

static void put_header(struct connection *connection, bool features)
{
    struct bytes out = {NULL, 0, 0};
    random_id(connection->stream_id);
    put_text(&out, "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
                   "xmlns='jabber:client'");
    put_attribute(&out, "from", view(connection->to));
    put_attribute(&out, "id", view(connection->stream_id));
    put_text(&out, features ? " version='1.0' xml:lang='en'>" : ">");
    if (features)
        put_text(&out, "<stream:features><auth xmlns='http://jabber.org/features/iq-auth'/>"
                       "<register xmlns='http://jabber.org/features/iq-register'/></stream:features>");
    connection_queue(connection, out.data, out.size, NULL);
    drop_bytes(&out);
}

static void begin_ending(struct jabberd_instance *self, struct connection *connection, const char *why)
{
    say(self, JABBERD_LOG_INFO, "%s disconnected: %s", connection->client, why);
    if (connection->stream == OPENING)
        put_header(connection, false);
    static const char end[] = "</stream:stream>";
    connection_queue(connection, end, sizeof end - 1, NULL);
    connection->stream = ENDING;
    connection->give_up = now() + linger;
    session_end(self, connection);
    connection_write(self, connection);
}

void connection_error(struct jabberd_instance *self, struct connection *connection, const char *condition)
{
    if (connection->stream == CLOSED || connection->stream == ENDING)
        return;
    if (connection->stream == OPENING) {
        put_header(connection, false);
        connection->stream = OPEN;
    }
    struct bytes out = {NULL, 0, 0};
    put_text(&out, "<stream:error><");
    put_text(&out, condition);
    put_text(&out, " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>");
    connection_queue(connection, out.data, out.size, NULL);
    drop_bytes(&out);
    begin_ending(self, connection, condition);
}

static bool is_host_name(const struct bytes *to)
{
    return to->size > 0 && to->size <= 1023 && strpbrk(to->data, "@/ \t\r\n<>&'\"") == NULL;
}

static void on_header(struct jabberd_instance *self, struct connection *connection, const struct header *header)
{
    const char *fault = NULL;
    if (!header->is_stream || !header->is_client)
        fault = "invalid-namespace";
    else if (!is_host_name(&header->to))
        fault = "improper-addressing";
    else if (same_host(view_of(&header->to), self->name)) /* what it is told would come back to us */
        fault = "host-unknown";
    else
        connection->to = copy_of(view_of(&header->to));
    const bool features = header->version.size > 0 && header->version.data[0] >= '1' && header->version.data[0] <= '9';
    put_header(connection, fault == NULL && features);
    connection->stream = OPEN;
    put(&connection->primer, header->primer.data, header->primer.size);
    if (features && header->lang.size > 0 && header->lang.size <= max_lang)
        connection->lang = copy_of(view_of(&header->lang));
    if (fault != NULL)
        return connection_error(self, connection, fault);
    connection_write(self, connection);
}

static struct reader *new_reader(const struct connection *connection)
{
    if (connection->stream == OPENING)
        return reader_new(NULL, 0);
    if (connection->primer.size > 0)
        return reader_new(connection->primer.data, connection->primer.size);
    return reader_new(USUAL_PRIMER, sizeof USUAL_PRIMER - 1);
}

static void feed(struct jabberd_instance *self, struct connection *connection, const char *bytes, size_t size)
{
    while (size > 0 && (connection->stream == OPENING || connection->stream == OPEN) && !session_waits(connection)) {
        struct limits limits = connection->bound ? after_login : before_login;
        limits.digest_sid = connection->bound ? NULL : connection->stream_id;
        if (connection->reader == NULL)
            connection->reader = new_reader(connection);
        if (connection->reader == NULL) /* a primer of a predecessor's making */
            return connection_error(self, connection, "internal-server-error");
        size_t used;
        const enum read_event event = reader_feed(connection->reader, &limits, bytes, size, &used);
        if (reader_at_boundary(connection->reader)) {
            drop_bytes(&connection->unfinished);
        } else if (event == READ_MORE) {
            if (connection->unfinished.size == 0)
                connection->begun = now();
            put(&connection->unfinished, bytes, used);
        }
        bytes += used;
        size -= used;
        switch (event) {
        case READ_MORE: break;
        case READ_HEADER: on_header(self, connection, reader_header(connection->reader)); break;
        case READ_STANZA: session_admit(self, connection, reader_take(connection->reader)); break;
        case READ_END: /* which may have begun and ended with one tag */
            if (connection->stream == OPENING)
                on_header(self, connection, reader_header(connection->reader));
            if (connection->stream == OPEN)
                begin_ending(self, connection, "it ended its stream");
            break;
        case READ_FAULT: connection_error(self, connection, reader_fault(connection->reader)); break;
        }
    }
    if (size > 0 && session_waits(connection))
        put(&connection->unread, bytes, size);
    /* Between stanzas a connection needs no reader; and libxml2's table of names never shrinks. */
    if (connection->reader != NULL && reader_at_boundary(connection->reader)) {
        reader_free(connection->reader);
        connection->reader = NULL;
    }
}

void connection_go_on(struct jabberd_instance *self, struct connection *connection)
{
    struct bytes unfinished = connection->unfinished;
    connection->unfinished = (struct bytes){NULL, 0, 0};
    feed(self, connection, unfinished.data, unfinished.size);
    drop_bytes(&unfinished);
    /* A predecessor that reads its clients in turns had not come to it. */
    if (connection->unread.size > 0 && connection->stream == OPEN && !session_waits(connection))
        connection_read_on(self, connection);
}

void connection_read_on(struct jabberd_instance *self, struct connection *connection)
{
    struct bytes unread = connection->unread;
    connection->unread = (struct bytes){NULL, 0, 0};
    feed(self, connection, unread.data, unread.size);
    drop_bytes(&unread);
    loop_watch(self, connection);
}

void connection_read(struct jabberd_instance *self, struct connection *connection)
{
    char bytes[16384];
    const ssize_t size = recv(connection->fd, bytes, sizeof bytes, 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size <= 0)
        return connection_lost(self, connection, size == 0 ? "it has left" : strerror(errno));
    connection->last_read = now();
    connection->bytes_in += (uint64_t)size;
    connection->allowance -= size;
    feed(self, connection, bytes, (size_t)size);
    explicit_bzero(bytes, (size_t)size);
}
