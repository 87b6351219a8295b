/* SPDX-License-Identifier: MIT */
/* Who may send what, and whose word counts (session.h, and the rules of sto, sfrom and 510). */
#include "plain.h"

#include <jabberd/session.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

enum { MAX_FAILED = 3, MAX_QUEUED = 1 << 20 };

void random_id(char id[33])
{
    unsigned char bits[16];
    if (getrandom(bits, sizeof bits, 0) != (ssize_t)sizeof bits)
        abort();
    for (size_t i = 0; i < sizeof bits; ++i)
        snprintf(id + 2 * i, 3, "%02x", bits[i]);
}

static void deliver(struct jabberd_instance *self, const jabberd_packet *packet)
{
    const unsigned before = atomic_load(&self->resumes);
    if (self->host->deliver(self->host, packet) == JABBERD_FULL) {
        self->full = true;
        self->full_since = before; /* a resume that came meanwhile has ended it already */
    }
}

void return_packet(struct jabberd_instance *self, const struct stanza *stanza, const char *reason)
{
    if (stanza->is_510)
        return;
    jabberd_packet packet = stanza->packet;
    struct bytes body = {NULL, 0, 0};
    put(&body, packet.body.data, packet.body.size);
    put_text(&body, "<error code='510'");
    put_attribute(&body, "type", packet.type);
    put_text(&body, ">");
    put_text(&body, reason);
    put_text(&body, "</error>");
    packet.body = view_of(&body);
    packet.type = view("error");
    packet.sto = stanza->packet.sfrom;
    packet.sfrom = stanza->packet.sto;
    self->host->deliver(self->host, &packet);
    drop_bytes(&body);
}

static void drop_asked(struct connection *connection, struct asked *asked)
{
    for (struct asked **at = &connection->asked; *at != NULL; at = &(*at)->next) {
        if (*at != asked)
            continue;
        *at = asked->next;
        free(asked->nonce);
        free(asked->client_id);
        free(asked);
        return;
    }
}

bool session_waits(const struct connection *connection)
{
    const struct asked *asked = connection->asked;
    while (asked != NULL && asked->kind != JABBERD_ASKED_LOGIN)
        asked = asked->next;
    return asked != NULL;
}

static bool asks(struct connection *connection, uint32_t kind, jabberd_view id, char nonce[33])
{
    unsigned count = 0;
    for (const struct asked *other = connection->asked; other != NULL; other = other->next)
        ++count;
    if (count == MAX_QUESTIONS)
        return false;
    random_id(nonce);
    struct asked *asked = need(calloc(1, sizeof *asked));
    asked->kind = kind;
    asked->nonce = copy_of(view(nonce));
    asked->client_id = copy_of(id);
    asked->next = connection->asked;
    connection->asked = asked;
    return true;
}

/* Nothing overtakes what is held, and nothing is sent to who is full. */
static void route(struct jabberd_instance *self, struct connection *connection, struct stanza *stanza)
{
    if (connection->held == NULL && !is_full(self)) {
        deliver(self, &stanza->packet);
        return stanza_free(stanza);
    }
    *connection->last_held = stanza;
    connection->last_held = &stanza->next;
}

void session_deliver_held(struct jabberd_instance *self, struct connection *connection, bool even_if_full)
{
    while (connection->held != NULL && (even_if_full || !is_full(self))) {
        struct stanza *stanza = connection->held;
        connection->held = stanza->next;
        if (connection->held == NULL)
            connection->last_held = &connection->held;
        deliver(self, &stanza->packet);
        stanza_free(stanza);
    }
}

void session_admit(struct jabberd_instance *self, struct connection *connection, struct stanza *stanza)
{
    jabberd_packet *packet = &stanza->packet;
    const char *fault = NULL;
    char nonce[33];
    ++connection->stanzas_in;
    packet->sfrom = stanza_own(stanza, connection->address);
    packet->sto = stanza_own(stanza, connection->bound ? connection->session : connection->to);
    const bool is_iq = is(packet->name, "iq") && packet->xmlns.data == NULL;
    if (connection->bound) {
        const bool known = is_iq || is(packet->name, "message") || is(packet->name, "presence");
        if (!known || packet->xmlns.data != NULL)
            fault = "unsupported-stanza-type";
        else if (stanza->is_510) /* a session manager would take it for one of our returned packets */
            fault = "policy-violation";
        else if (packet->lang.data == NULL)
            packet->lang = stanza_own(stanza, connection->lang);
    } else {
        const bool set = is(packet->type, "set");
        const uint32_t kind = set && stanza->query == AUTH ? JABBERD_ASKED_LOGIN : JABBERD_ASKED_QUESTION;
        packet->from = (jabberd_view){NULL, 0};
        if (!is_iq || !(set || is(packet->type, "get")) || stanza->children != 1 || stanza->query == NO_QUERY)
            fault = "not-authorized";
        else if (!asks(connection, kind, packet->id, nonce))
            fault = "policy-violation";
        else
            packet->id = stanza_own(stanza, nonce);
    }
    if (fault == NULL)
        return route(self, connection, stanza);
    stanza_free(stanza);
    connection_error(self, connection, fault);
}

static void give(struct jabberd_instance *self, struct connection *connection, const jabberd_packet *packet,
                 const char *sfrom)
{
    struct bytes xml = {NULL, 0, 0};
    put_packet(&xml, packet);
    connection_queue(connection, xml.data, xml.size, sfrom);
    drop_bytes(&xml);
    ++connection->stanzas_out;
    if (connection->queued > MAX_QUEUED)
        return connection_lost(self, connection, "it does not read");
    connection_write(self, connection);
}

static bool is_bare_address_of(jabberd_view address, const char *session)
{
    const char *slash = strchr(session, '/');
    const size_t size = slash == NULL ? strlen(session) : (size_t)(slash - session);
    return address.size == size && strncasecmp(address.data, session, size) == 0;
}

/* To the letter in the resource only: classic session managers fold the rest. */
static bool is_session(jabberd_view address, const char *session)
{
    const char *slash = strchr(session, '/');
    const size_t resource = slash == NULL ? 0 : strlen(slash);
    return address.size >= resource &&
           is_bare_address_of((jabberd_view){address.data, address.size - resource}, session) &&
           (resource == 0 || memcmp(address.data + address.size - resource, slash, resource) == 0);
}

/* Of the host, or of the session that this connection has; any other session is refused. */
static bool is_of_session(const struct connection *connection, jabberd_view sfrom)
{
    if (user_of(sfrom).size == 0)
        return true;
    return connection->bound &&
           (is_session(sfrom, connection->session) || is_bare_address_of(sfrom, connection->session));
}

/* The session manager's word on the session, unless it merely passes on what another client wrote: that comes from the
 * bare address, and where the session id is one as well, has a from. */
static bool speaks_for_session(const struct connection *connection, const jabberd_packet *packet)
{
    if (user_of(packet->sfrom).size == 0)
        return true;
    if (!connection->bound || !is_session(packet->sfrom, connection->session))
        return false;
    return strchr(connection->session, '/') != NULL || packet->from.data == NULL;
}

/* How a session ended, in the words of a stream error: as an <end/> says, or a replaced one. The body is canonical. */
static const char *ending_of(const jabberd_packet *notice, bool bound, char condition[64])
{
    static const char end[] = "<end xmlns='" JABBERD_NS_END "' condition='";
    const char *found = memmem(notice->body.data, notice->body.size, end, sizeof end - 1);
    size_t size = 0;
    for (const char *at = found == NULL ? NULL : found + sizeof end - 1;
         at != NULL && at < notice->body.data + notice->body.size && size < 63 &&
         (*at == '-' || islower((unsigned char)*at));
         ++at)
        condition[size++] = *at;
    condition[size] = '\0';
    if (size > 0)
        return condition;
    if (!bound)
        return "host-unknown";
    static const char replaced[] = ">Disconnected<";
    return memmem(notice->body.data, notice->body.size, replaced, sizeof replaced - 1) != NULL
               ? "conflict"
               : "remote-connection-failed";
}

static void answered(struct jabberd_instance *self, struct connection *connection, struct asked *asked,
                     jabberd_packet *packet, jabberd_view sfrom)
{
    const bool login = asked->kind == JABBERD_ASKED_LOGIN;
    char *id = asked->client_id;
    asked->client_id = NULL;
    drop_asked(connection, asked);
    packet->id = view(id);
    const bool failed = is(packet->type, "error");
    if (!is(packet->name, "iq") || !(failed || is(packet->type, "result")) ||
        (login && !failed && user_of(sfrom).size == 0)) {
        connection_error(self, connection, "internal-server-error");
    } else {
        if (login && !failed) {
            connection->session = copy_of(sfrom);
            connection->bound = true;
            connection->give_up = 0;
            ++self->logins;
            while (connection->asked != NULL)
                drop_asked(connection, connection->asked);
            say(self, JABBERD_LOG_INFO, "%s logged in from %s", connection->session, connection->client);
        }
        give(self, connection, packet, "");
        if (login && failed && ++connection->failed >= MAX_FAILED)
            connection_error(self, connection, "policy-violation");
        connection_read_on(self, connection);
    }
    free(id);
}

static void receive(struct jabberd_instance *self, struct connection *connection, struct stanza *stanza)
{
    jabberd_packet packet = stanza->packet;
    packet.sto = packet.sfrom = (jabberd_view){NULL, 0};
    if (stanza->is_510 && speaks_for_session(connection, &stanza->packet)) {
        connection->ended = true; /* it is never answered */
        char condition[64];
        return connection_error(self, connection, ending_of(&stanza->packet, connection->bound, condition));
    }
    struct asked *asked = connection->asked;
    while (asked != NULL && !is(packet.id, asked->nonce))
        asked = asked->next;
    if (asked != NULL)
        return answered(self, connection, asked, &packet, stanza->packet.sfrom);
    if (!is_of_session(connection, stanza->packet.sfrom)) {
        say(self, JABBERD_LOG_WARNING, "a packet of a session that %s does not have goes back", connection->address);
        return return_packet(self, stanza, "Disconnected");
    }
    if (!connection->bound)
        return say(self, JABBERD_LOG_WARNING, "an answer that %s has not asked for, ignoring", connection->address);
    char *sfrom = copy_of(stanza->packet.sfrom);
    give(self, connection, &packet, sfrom);
    free(sfrom);
}

void session_receive(struct jabberd_instance *self, struct stanza *stanza)
{
    struct connection *connection = connection_find(self, stanza->packet.sto);
    if (connection != NULL && connection->stream == OPEN && same_host(host_of(stanza->packet.sfrom), connection->to))
        receive(self, connection, stanza);
    else
        return_packet(self, stanza, "Disconnected");
    stanza_free(stanza);
}

void session_end(struct jabberd_instance *self, struct connection *connection)
{
    if (connection->bound && !connection->ended) {
        session_deliver_held(self, connection, true); /* the client sent these before it went */
        jabberd_packet notice = {0};
        notice.size = sizeof notice;
        notice.name = view("message");
        notice.type = view("error");
        notice.sto = view(connection->session);
        notice.sfrom = view(connection->address);
        notice.body = view("<error code='510'>Disconnected</error>");
        self->host->deliver(self->host, &notice);
    }
    connection->ended = true;
}

/* What was accepted from the session manager, and never wholly written, goes back to it. */
void session_return_unwritten(struct jabberd_instance *self, struct connection *connection)
{
    for (const struct piece *piece = connection->first; piece != NULL; piece = piece->next) {
        if (piece->sfrom == NULL || piece->sfrom[0] == '\0')
            continue;
        struct stanza *stanza = stanza_read(piece->bytes.data, piece->bytes.size);
        if (stanza == NULL)
            continue; /* of a predecessor that writes what is no stanza */
        stanza->packet.sto = view(connection->address);
        stanza->packet.sfrom = view(piece->sfrom);
        return_packet(self, stanza, "Disconnected");
        stanza_free(stanza);
    }
}
