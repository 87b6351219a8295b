/* SPDX-License-Identifier: MIT */
/* The new one's part of a swap: to read what any socket manager may have written, and to take all of it, or nothing. */
#include "plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes that are still to be read. Whatever is wrong with them ends up in `refusal`, and the rest reads as zeros. */
struct input {
    const unsigned char *data;
    size_t size;
    const char **refusal;
};

struct taking {
    const jabberd_snapshot *snapshot;
    const char *refusal;
    bool *taken; /* which descriptors have been named */
    struct connection *connections;
    struct bytes host;
    int listener_fds[MAX_LISTENERS]; /* of our configuration; -1: not in the snapshot */
    int surplus[MAX_LISTENERS];
    unsigned surplus_count;
    uint32_t next_token;
    char epoch[MAX_EPOCH + 1];
    bool full;
    uint64_t accepted, logins;
};

static void refuse(const char **refusal, const char *why)
{
    if (*refusal == NULL)
        *refusal = why;
}

static const unsigned char *take(struct input *in, size_t size)
{
    static const unsigned char zeros[8];
    if (size > in->size) {
        refuse(in->refusal, "a value is too short");
        in->size = 0;
        return size <= sizeof zeros ? zeros : NULL;
    }
    const unsigned char *taken = in->data;
    in->data += size;
    in->size -= size;
    return taken;
}

static uint32_t take_u32(struct input *in)
{
    uint32_t number;
    memcpy(&number, take(in, sizeof number), sizeof number);
    return number;
}

static uint64_t take_u64(struct input *in)
{
    uint64_t number;
    memcpy(&number, take(in, sizeof number), sizeof number);
    return number;
}

static uint32_t whole_u32(struct input *in)
{
    const uint32_t number = take_u32(in);
    if (in->size > 0)
        refuse(in->refusal, "a value is too long");
    return number;
}

static uint64_t whole_u64(struct input *in)
{
    const uint64_t number = take_u64(in);
    if (in->size > 0)
        refuse(in->refusal, "a value is too long");
    return number;
}

/* Terminated, so without NULs. A second one replaces the first: that is the writer's fault and costs no client
 * anything.
 */
static char *take_text(struct input *in, size_t size)
{
    const char *text = (const char *)take(in, size);
    if (*in->refusal == NULL && memchr(text, '\0', size) != NULL)
        refuse(in->refusal, "a text holds a NUL");
    return *in->refusal != NULL ? need(calloc(1, 1)) : need(strndup(text, size));
}

static void replace(char **text, struct input *in)
{
    free(*text);
    *text = take_text(in, in->size);
}

static void replace_bytes(struct bytes *bytes, struct input *in)
{
    drop_bytes(bytes);
    put(bytes, in->data, in->size);
}

static bool next_record(struct input *in, uint32_t *tag, struct input *value)
{
    if (in->size == 0 || *in->refusal != NULL)
        return false;
    *tag = take_u32(in);
    const uint32_t size = take_u32(in);
    *value = (struct input){in->data, size, in->refusal};
    if (size > in->size)
        refuse(in->refusal, "a record is longer than what it is in");
    else
        take(in, size);
    return *in->refusal == NULL;
}

static void unknown(struct input *in, uint32_t tag)
{
    if (tag & JABBERD_SNAPSHOT_CRITICAL)
        refuse(in->refusal, "a record that must not be skipped is not known here");
}

static int take_descriptor(struct taking *t, struct input *in)
{
    const uint32_t index = whole_u32(in);
    if (*in->refusal != NULL)
        return -1;
    if (index >= t->snapshot->descriptor_count || t->taken[index] || t->snapshot->descriptors[index] < 0) {
        refuse(&t->refusal, "a descriptor is not there, or named twice");
        return -1;
    }
    t->taken[index] = true;
    return t->snapshot->descriptors[index];
}

static void read_listener(struct jabberd_instance *self, struct taking *t, struct input in)
{
    struct input value;
    uint32_t tag;
    int fd = -1;
    char *configured = NULL;
    while (next_record(&in, &tag, &value)) {
        switch (tag) {
        case JABBERD_LISTENER_DESCRIPTOR: fd = take_descriptor(t, &value); break;
        case JABBERD_LISTENER_CONFIGURED: replace(&configured, &value); break;
        case JABBERD_LISTENER_DIRECT_TLS:
            if (whole_u32(&value) != 0)
                refuse(&t->refusal, "it listens for TLS, which is not known here");
            break;
        default: unknown(&value, tag);
        }
    }
    if (fd < 0 || configured == NULL)
        refuse(&t->refusal, "a listener lacks its descriptor or its address");
    for (unsigned i = 0; t->refusal == NULL && fd >= 0 && i < self->listener_count; ++i) {
        if (t->listener_fds[i] >= 0 || strcmp(self->listeners[i].configured, configured) != 0)
            continue;
        t->listener_fds[i] = fd;
        fd = -1;
    }
    if (t->refusal == NULL && fd >= 0) {
        if (t->surplus_count == MAX_LISTENERS)
            refuse(&t->refusal, "it has too many listeners");
        else
            t->surplus[t->surplus_count++] = fd;
    }
    free(configured);
}

static void read_address(struct taking *t, struct connection *c)
{
    if (!parse_address(c->address, &c->id, &c->token, c->epoch)) /* the host is compared at the end */
        refuse(&t->refusal, "an address is not <id>@<host>/<token>");
}

static void read_epoch(struct taking *t, struct input *in)
{
    char *epoch = take_text(in, in->size);
    const size_t size = strlen(epoch);
    if (size > MAX_EPOCH || strspn(epoch, "0123456789abcdefghijklmnopqrstuvwxyz") != size)
        refuse(&t->refusal, "an epoch is not of up to 32 lower-case letters and digits");
    else
        memcpy(t->epoch, epoch, size + 1);
    free(epoch);
}

static void read_piece(struct connection *c, struct input *in)
{
    const uint32_t written = take_u32(in), size = take_u32(in);
    char *sfrom = take_text(in, size);
    if (written > in->size)
        refuse(in->refusal, "more of a piece is written than there is");
    if (*in->refusal == NULL) {
        connection_queue(c, in->data, in->size, sfrom)->written = written;
        c->queued -= written;
    }
    free(sfrom);
}

static void read_held(struct connection *c, struct input *in)
{
    struct stanza *stanza = stanza_read((const char *)in->data, in->size);
    if (stanza == NULL)
        return refuse(in->refusal, "a packet it holds is not well-formed");
    *c->last_held = stanza;
    c->last_held = &stanza->next;
}

static void read_asked(struct connection *c, struct input *in)
{
    const uint32_t kind = take_u32(in), has_id = take_u32(in), size = take_u32(in);
    if (kind != JABBERD_ASKED_QUESTION && kind != JABBERD_ASKED_LOGIN)
        refuse(in->refusal, "an answer of SASL, of features or of a binding is awaited, which are not known here");
    struct asked *asked = need(calloc(1, sizeof *asked));
    asked->kind = kind;
    asked->nonce = take_text(in, size);
    if (has_id == 1)
        asked->client_id = take_text(in, in->size);
    asked->next = c->asked;
    c->asked = asked;
}

static void read_pair(struct input *in, uint64_t *first, uint64_t *second)
{
    *first = take_u64(in);
    *second = whole_u64(in);
}

/* What a connection is said to be, and is not here. */
struct claims {
    uint32_t stream, session;
    bool offered;
};

static void read_field(struct taking *t, struct connection *c, struct claims *claims, uint32_t tag, struct input *in)
{
    switch (tag) {
    case JABBERD_CONNECTION_ADDRESS: replace(&c->address, in); break;
    case JABBERD_CONNECTION_DESCRIPTOR: c->fd = take_descriptor(t, in); break;
    case JABBERD_CONNECTION_CLIENT: {
        char *client = take_text(in, in->size);
        snprintf(c->client, sizeof c->client, "%s", client);
        free(client);
        break;
    }
    case JABBERD_CONNECTION_TLS: refuse(&t->refusal, "a connection has TLS, which is not known here"); break;
    case JABBERD_CONNECTION_STREAM: claims->stream = whole_u32(in); break;
    case JABBERD_CONNECTION_SESSION: claims->session = whole_u32(in); break;
    case JABBERD_CONNECTION_TO: replace(&c->to, in); break;
    case JABBERD_CONNECTION_IDENTITY: replace(&c->session, in); break;
    case JABBERD_CONNECTION_ENDED: c->ended = whole_u32(in) == 1; break;
    case JABBERD_CONNECTION_STREAM_ID: {
        char *id = take_text(in, in->size);
        if (snprintf(c->stream_id, sizeof c->stream_id, "%s", id) >= (int)sizeof c->stream_id)
            refuse(&t->refusal, "a stream id is too long to be kept here");
        free(id);
        break;
    }
    case JABBERD_CONNECTION_HEADER: replace_bytes(&c->primer, in); break;
    case JABBERD_CONNECTION_LANG: replace(&c->lang, in); break;
    case JABBERD_CONNECTION_UNFINISHED: replace_bytes(&c->unfinished, in); break;
    case JABBERD_CONNECTION_UNREAD: replace_bytes(&c->unread, in); break;
    case JABBERD_CONNECTION_QUEUED: read_piece(c, in); break;
    case JABBERD_CONNECTION_HELD: read_held(c, in); break;
    case JABBERD_CONNECTION_EARLY: refuse(&t->refusal, "a packet waits for a resource to be bound"); break;
    case JABBERD_CONNECTION_ASKED: read_asked(c, in); break;
    case JABBERD_CONNECTION_INFO: break; /* for the session manager, when it is asked for features: never, here */
    case JABBERD_CONNECTION_EXCHANGE:
        if (whole_u32(in) != 0)
            refuse(&t->refusal, "a SASL exchange is going on, which is not known here");
        break;
    case JABBERD_CONNECTION_OFFERED: claims->offered = true; break;
    case JABBERD_CONNECTION_TRANSLATED: break;
    case JABBERD_CONNECTION_FAILED: c->failed = whole_u32(in); break;
    case JABBERD_CONNECTION_SINCE: c->since = whole_u64(in); break;
    case JABBERD_CONNECTION_LAST_READ: c->last_read = whole_u64(in); break;
    case JABBERD_CONNECTION_LAST_WRITE: c->last_write = whole_u64(in); break;
    case JABBERD_CONNECTION_GIVE_UP: c->give_up = whole_u64(in); break;
    case JABBERD_CONNECTION_BYTES: read_pair(in, &c->bytes_in, &c->bytes_out); break;
    case JABBERD_CONNECTION_STANZAS: read_pair(in, &c->stanzas_in, &c->stanzas_out); break;
    default: unknown(in, tag);
    }
}

static const char *mistake_in(const struct connection *c, const struct claims *claims)
{
    if (c->fd < 0 || c->address == NULL || c->client[0] == '\0')
        return "a connection lacks its descriptor, its address or its client";
    if (claims->stream == 2)
        return "a connection is about to begin TLS, which is not known here";
    if (claims->session == 1)
        return "a client is authenticated, and has no resource yet: binding is not known here";
    if (c->unread.size > 0 && !session_waits(c) && claims->session != 2)
        return "a client's bytes wait for an answer of SASL or of features, which are not known here";
    if (claims->stream > 3 || claims->session > 2)
        return "a connection is in a state that there is not";
    if (claims->session == 0 && claims->offered)
        return "a client was offered SASL, which is not known here";
    if ((claims->session == 2 && (c->session == NULL || claims->stream == 0)) || (claims->session != 2 && c->session))
        return "a connection contradicts itself about its session";
    if ((claims->stream == 1 || claims->session == 2) && c->to == NULL)
        return "a stream is open to nobody";
    struct reader *reader = c->primer.size > 0 ? reader_new(c->primer.data, c->primer.size) : NULL;
    const bool good = c->primer.size == 0 || reader != NULL;
    reader_free(reader);
    return good ? NULL : "a stream header is no start tag";
}

static void read_connection(struct taking *t, struct input in)
{
    struct connection *c = connection_new(-1, "");
    struct claims claims = {0, 0, false};
    struct input value;
    uint32_t tag;
    while (next_record(&in, &tag, &value))
        read_field(t, c, &claims, tag, &value);
    if (t->refusal == NULL && mistake_in(c, &claims) != NULL)
        refuse(&t->refusal, mistake_in(c, &claims));
    if (t->refusal == NULL)
        read_address(t, c);
    c->bound = claims.session == 2;
    c->stream = claims.stream == 0 ? OPENING : claims.stream == 1 ? OPEN : ENDING;
    c->next = t->connections;
    t->connections = c;
}

static void read_counter(struct taking *t, struct input in)
{
    const uint64_t sum = take_u64(&in);
    const jabberd_view name = {(const char *)in.data, in.size};
    if (is(name, "accepted"))
        t->accepted = sum;
    else if (is(name, "logins"))
        t->logins = sum;
}

static void read_all(struct jabberd_instance *self, struct taking *t)
{
    struct input in = {t->snapshot->records, t->snapshot->record_bytes, &t->refusal}, value;
    uint32_t tag, count = 0;
    bool ended = false;
    for (; next_record(&in, &tag, &value); ++count) {
        if (ended || (count == 0) != (tag == JABBERD_SNAPSHOT_BEGIN))
            return refuse(&t->refusal, "its beginning or its end is not where it should be");
        switch (tag) {
        case JABBERD_SNAPSHOT_BEGIN:
            if (whole_u32(&value) != 1)
                refuse(&t->refusal, "it is of another version");
            break;
        case JABBERD_SNAPSHOT_END:
            if (whole_u32(&value) != count)
                refuse(&t->refusal, "some of its records are missing");
            ended = true;
            break;
        case JABBERD_SNAPSHOT_WRITER: break;
        case JABBERD_SNAPSHOT_HOST: replace_bytes(&t->host, &value); break;
        case JABBERD_SNAPSHOT_NEXT_TOKEN: t->next_token = whole_u32(&value); break;
        case JABBERD_SNAPSHOT_EPOCH: read_epoch(t, &value); break;
        case JABBERD_SNAPSHOT_FULL: t->full = whole_u32(&value) != 0; break;
        case JABBERD_SNAPSHOT_LISTENER: read_listener(self, t, value); break;
        case JABBERD_SNAPSHOT_CONNECTION: read_connection(t, value); break;
        case JABBERD_SNAPSHOT_COUNTER: read_counter(t, value); break;
        default: unknown(&value, tag);
        }
    }
    if (!ended)
        refuse(&t->refusal, "it has no end");
    if (!is(view_of(&t->host), self->name))
        refuse(&t->refusal, "it is of another host");
    for (size_t i = 0; i < t->snapshot->descriptor_count; ++i)
        if (!t->taken[i])
            refuse(&t->refusal, "it has a descriptor that no record names");
    if (t->snapshot->token_count > 0)
        refuse(&t->refusal, "it has tokens, and none is known here");
}

/* Into `self`, which is only thrown away when an address comes twice: nothing outside is touched. */
static void add_connections(struct jabberd_instance *self, struct taking *t)
{
    while (t->connections != NULL && t->refusal == NULL) {
        struct connection *c = t->connections;
        const jabberd_view address = view(c->address);
        if (!is(host_of(address), self->name) || c->token >= t->next_token || connection_find(self, address) != NULL)
            return refuse(&t->refusal, "an address is of another host, is there twice, or is to be given again");
        if (c->epoch[0] != '\0' && strcmp(c->epoch, t->epoch) != 0)
            return refuse(&t->refusal, "an address is of another epoch");
        t->connections = c->next;
        connection_add(self, c);
    }
}

static void open_missing(struct jabberd_instance *self, struct taking *t)
{
    for (unsigned i = 0; i < self->listener_count && t->refusal == NULL; ++i) {
        if (t->listener_fds[i] >= 0)
            self->listeners[i].fd = t->listener_fds[i];
        else if (!listener_open(self, &self->listeners[i]))
            refuse(&t->refusal, "its listeners are not those configured, and the others cannot be opened");
    }
}

bool take_over(struct jabberd_instance *self, const jabberd_snapshot *snapshot)
{
    struct taking t = {0};
    t.snapshot = snapshot;
    t.taken = need(calloc(snapshot->descriptor_count + 1, sizeof *t.taken));
    for (unsigned i = 0; i < MAX_LISTENERS; ++i)
        t.listener_fds[i] = -1;
    read_all(self, &t);
    if (t.refusal == NULL)
        add_connections(self, &t);
    if (t.refusal == NULL)
        open_missing(self, &t);
    const jabberd_takeover *takeover = t.refusal == NULL && self->host->get_extension != NULL
                                           ? self->host->get_extension(self->host, JABBERD_TAKEOVER)
                                           : NULL;
    if (takeover != NULL && !takeover->claim(self->host))
        refuse(&t.refusal, "it is too late");
    /* Also when it was refused: what is in here now belongs to the predecessor, and destroy() must not close it. */
    self->state = THAWED;
    for (struct connection *c; (c = t.connections) != NULL;) {
        t.connections = c->next;
        connection_free(c, false);
    }
    self->next_token = t.next_token;
    if (t.epoch[0] != '\0') /* of a version that knew none: new addresses have the one drawn here */
        memcpy(self->epoch, t.epoch, sizeof t.epoch);
    self->full = t.full;
    self->full_since = atomic_load(&self->resumes);
    self->accepted = t.accepted;
    self->logins = t.logins;
    memcpy(self->surplus, t.surplus, sizeof t.surplus);
    self->surplus_count = t.surplus_count;
    free(t.taken);
    drop_bytes(&t.host);
    if (t.refusal != NULL)
        say(self, JABBERD_LOG_ERROR, "cannot take over: %s", t.refusal);
    return t.refusal == NULL;
}
