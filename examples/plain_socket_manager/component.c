/* SPDX-License-Identifier: MIT */
/* plain_socket_manager: a small socket manager of its own making. README.md says what for. */
#include "plain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static const char section_name[] = "jabber:config:socket-manager";

uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

void say(struct jabberd_instance *self, jabberd_log_level level, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const jabberd_log_record record = {sizeof record, level, view(text), NULL, 0};
    self->host->log(self->host, &record);
}

/* Any thread, and from inside of our own deliver() as well: so it only puts the packet where the thread finds it. */
static jabberd_result on_packet(void *data, const jabberd_packet *packet)
{
    struct jabberd_instance *self = data;
    if (packet->sto.data == NULL)
        return JABBERD_ERROR; /* only a session packet reaches a client */
    if (packet->sfrom.data == NULL) {
        say(self, JABBERD_LOG_WARNING, "a session packet without sfrom cannot be for anybody, ignoring");
        return JABBERD_DONE;
    }
    struct stanza *stanza = stanza_copy(packet);
    /* Not returned: as a 510 that would end the session of a client who has nothing to do with it. */
    if (stanza == NULL) {
        say(self, JABBERD_LOG_WARNING, "a session packet that is not well-formed, ignoring");
        return JABBERD_DONE;
    }
    pthread_mutex_lock(&self->mutex);
    const bool taking = self->taking;
    if (taking) {
        *self->last_in_inbox = stanza;
        self->last_in_inbox = &stanza->next;
    }
    pthread_mutex_unlock(&self->mutex);
    if (taking) {
        loop_wake(self);
    } else {
        return_packet(self, stanza, "Disconnected");
        stanza_free(stanza);
    }
    return JABBERD_DONE;
}

static void report(const jabberd_host *host, const jabberd_config *at, bool *good, const char *format, const char *what)
{
    char text[256];
    snprintf(text, sizeof text, format, what);
    host->report(host, at, good == NULL ? JABBERD_LOG_WARNING : JABBERD_LOG_ERROR, text);
    if (good != NULL)
        *good = false;
}

static void configure_listener(struct jabberd_instance *self, const jabberd_config *at, bool *good)
{
    const char *port = jabberd_config_attribute_value(at, "port");
    struct listener *listener = &self->listeners[self->listener_count];
    if (jabberd_config_attribute_value(at, "tls") != NULL)
        report(self->host, at, good, "this socket manager has no TLS to listen with on '%s'", at->text);
    else if (self->listener_count == MAX_LISTENERS)
        report(self->host, at, good, "there are too many addresses to listen on; '%s' is one of them", at->text);
    else if (listener_configure(listener, at->text, port == NULL ? "5222" : port))
        ++self->listener_count;
    else
        report(self->host, at, good, "'%s' must be an IP address, with a port of 0 to 65535",
               port == NULL ? at->text : port);
}

static bool configure(struct jabberd_instance *self, const jabberd_config *service)
{
    const jabberd_config *section = jabberd_config_section(service, section_name);
    const jabberd_host *host = self->host;
    const char *name = host->name_count > 0 && host->names[0][0] != '\0' ? host->names[0] : host->id;
    bool good = true;
    if (section == NULL) {
        report(host, service, &good, "there must be a section of %s", section_name);
        return false;
    }
    for (const jabberd_config *option = section->first_child; option != NULL; option = option->next) {
        if (strcmp(option->name, "listen") == 0)
            configure_listener(self, option, &good);
        else if (strcmp(option->name, "host") == 0 && option->text[0] != '\0' && !strpbrk(option->text, "@/<>&'\" "))
            name = option->text;
        else if (strcmp(option->name, "host") == 0)
            report(host, option, &good, "'%s' is no host name", option->text);
        else if (strcmp(option->name, "tls") == 0)
            report(host, option, &good, "this socket manager has no TLS: leave <%s/> out, or load another one",
                   option->name);
        else if (strcmp(option->name, "threads") != 0)
            report(host, option, NULL, "this socket manager has no option <%s/>, ignoring", option->name);
    }
    if (good && self->listener_count == 0)
        report(host, section, &good, "there must be a <%s>address</listen>", "listen");
    self->name = copy_of(view(name));
    return good;
}

static void destroy(jabberd_instance *self);

static jabberd_instance *create(const jabberd_host *host, const jabberd_config *service)
{
    struct jabberd_instance *self = need(calloc(1, sizeof *self));
    self->host = host;
    self->next_token = 1;
    char id[33];
    random_id(id);
    memcpy(self->epoch, id, 16); /* 64 bits; the rest is zero */
    self->last_in_inbox = &self->inbox;
    pthread_mutex_init(&self->mutex, NULL);
    pthread_cond_init(&self->rested, NULL);
    self->epoll = epoll_create1(EPOLL_CLOEXEC);
    self->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    bool good = configure(self, service) && self->epoll >= 0 && self->wake >= 0;
    /* To succeed another instance is to be given its listeners. */
    const bool succeeds = host->get_extension != NULL && host->get_extension(host, JABBERD_SUCCESSION) != NULL;
    for (unsigned i = 0; good && !succeeds && i < self->listener_count; ++i)
        good = listener_open(self, &self->listeners[i]);
    if (!good || !host->register_handler(host, JABBERD_DELIVER, on_packet, self)) {
        destroy(self);
        return NULL;
    }
    return self;
}

static bool start(jabberd_instance *self)
{
    for (unsigned i = 0; i < self->listener_count; ++i) {
        if (self->listeners[i].fd < 0)
            return false; /* a succession that was never thawed */
        self->listeners[i].own = true;
        say(self, JABBERD_LOG_NOTICE, "listening on %s", self->listeners[i].configured);
    }
    for (unsigned i = 0; i < self->surplus_count; ++i)
        close(self->surplus[i]);
    self->surplus_count = 0;
    return loop_run(self);
}

static void say_goodbye(void *data)
{
    struct jabberd_instance *self = data;
    for (unsigned i = 0; i < self->listener_count; ++i) {
        epoll_ctl(self->epoll, EPOLL_CTL_DEL, self->listeners[i].fd, NULL);
        close(self->listeners[i].fd);
    }
    self->listener_count = 0;
    for (struct connection *next, *connection = self->connections; connection != NULL; connection = next) {
        next = connection->next;
        connection_error(self, connection, "system-shutdown");
    }
}

static void count_connections(void *data)
{
    struct jabberd_instance **self = data;
    if ((*self)->connection_count == 0)
        *self = NULL;
}

static void stop(jabberd_instance *self, unsigned deadline_ms)
{
    if (self->state != RUNNING)
        return;
    const uint64_t until = now() + (uint64_t)deadline_ms * 1000000;
    loop_call(self, say_goodbye, self);
    for (struct jabberd_instance *some = self; some != NULL && now() < until;) {
        nanosleep(&(struct timespec){0, 5000000}, NULL);
        loop_call(self, count_connections, &some);
    }
    while (!loop_rest(self, 1000))
        ;
    pthread_mutex_lock(&self->mutex);
    self->taking = false;
    pthread_mutex_unlock(&self->mutex);
    self->state = STOPPED;
    while (self->connections != NULL)
        connection_lost(self, self->connections, "the server stops");
    loop_take_inbox(self);
    loop_free_closed(self);
}

static void destroy(jabberd_instance *self)
{
    if (self->state == RUNNING)
        stop(self, 0);
    /* Thawed and never started: its predecessor may still need what the snapshot named. */
    const bool close_them = self->state != THAWED && self->state != GIVEN_AWAY;
    for (unsigned i = 0; i < self->listener_count; ++i)
        if (self->listeners[i].fd >= 0 && self->state != GIVEN_AWAY && (close_them || self->listeners[i].own))
            close(self->listeners[i].fd);
    while (self->connections != NULL) {
        struct connection *connection = self->connections;
        self->connections = connection->next;
        connection_free(connection, close_them);
    }
    if (self->snapshot != NULL)
        handover.commit(self);
    if (self->epoll >= 0)
        close(self->epoll);
    if (self->wake >= 0)
        close(self->wake);
    pthread_cond_destroy(&self->rested);
    pthread_mutex_destroy(&self->mutex);
    free(self->name);
    free(self);
}

static void resume(jabberd_instance *self)
{
    atomic_fetch_add(&self->resumes, 1);
    loop_wake(self);
}

struct status {
    struct jabberd_instance *self;
    jabberd_status_sink sink;
    jabberd_session_sink session;
    void *data;
};

static void tell_number(const struct status *status, const char *key, uint64_t number)
{
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    status->sink(status->data, view(key), view(text));
}

static void tell_status(void *data)
{
    const struct status *status = data;
    const struct jabberd_instance *self = status->self;
    for (unsigned i = 0; i < self->listener_count; ++i) {
        char name[64];
        listener_name(&self->listeners[i], name, sizeof name);
        status->sink(status->data, view("listen"), view(name));
    }
    tell_number(status, "connections", self->connection_count);
    tell_number(status, "accepted", self->accepted);
    tell_number(status, "logins", self->logins);
}

static void tell_sessions(void *data)
{
    const struct status *status = data;
    const uint64_t time = now();
    for (const struct connection *c = status->self->connections; c != NULL; c = c->next) {
        const uint64_t last = c->last_read > c->last_write ? c->last_read : c->last_write;
        jabberd_session session = {0};
        session.size = sizeof session;
        session.connection = view(c->address);
        session.session = view(c->bound ? c->session : c->to == NULL ? "" : c->to);
        session.client_address = view(c->client);
        session.authenticated = c->bound;
        session.age_ms = time > c->since ? (time - c->since) / 1000000 : 0;
        session.idle_ms = time > last ? (time - last) / 1000000 : 0;
        session.bytes_in = c->bytes_in;
        session.bytes_out = c->bytes_out;
        session.stanzas_in = c->stanzas_in;
        session.stanzas_out = c->stanzas_out;
        session.queued_bytes = c->queued;
        session.security = view("");
        status->session(status->data, &session);
    }
}

static void inspect_status(jabberd_instance *self, jabberd_status_sink sink, void *data)
{
    loop_call(self, tell_status, &(struct status){self, sink, NULL, data});
}

static void inspect_sessions(jabberd_instance *self, jabberd_session_sink sink, void *data)
{
    loop_call(self, tell_sessions, &(struct status){self, NULL, sink, data});
}

static const void *get_extension(jabberd_instance *self, const char *id)
{
    static const jabberd_inspect inspect = {sizeof inspect, inspect_status, inspect_sessions};
    (void)self;
    if (strcmp(id, JABBERD_INSPECT) == 0)
        return &inspect;
    return strcmp(id, JABBERD_HANDOVER) == 0 ? &handover : NULL;
}

static const char *const sections[] = {section_name, NULL};

JABBERD_COMPONENT("plain_socket_manager", "1.0", JABBERD_PARALLEL, sections, create, start, NULL, stop, destroy, resume,
                  get_extension);
