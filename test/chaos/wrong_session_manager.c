/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A session manager that lets everybody in by jabber:iq:auth, or does what its configuration says instead:
 * <wrong xmlns='test:chaos' does='…'/>, which a reload changes. */
#include <jabberd/component.h>
#include <jabberd/session.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum does {
    WELL,
    SLOW,     /* answers a hundred times in a second, and says nothing of what waits */
    SILENT,   /* takes everything, and answers nothing */
    GONE,     /* takes nothing */
    NONSENSE, /* answers, but what no session manager would */
    FULL,     /* takes everything, and says each time that it is congested, for ever */
    BLOCKS,   /* keeps the thread that delivers for a while */
};
static const char *const names[] = {"well", "slow", "silent", "gone", "nonsense", "full", "blocks", NULL};

static const struct timespec slowness = {.tv_nsec = 10 * 1000 * 1000};
static const struct timespec block = {.tv_nsec = 20 * 1000 * 1000};

/* A request that waits for a slow one. */
struct waiting {
    struct waiting *next;
    char id[64], sto[256], sfrom[128], user[64];
    bool is_login;
};

struct jabberd_instance {
    const jabberd_host *host;
    _Atomic enum does does;
    atomic_uint asked, count;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct waiting *first, **last;
    bool stops, runs;
};

static jabberd_view view(const char *text)
{
    return (jabberd_view){text, strlen(text)};
}

static void copy(char *to, size_t size, jabberd_view from)
{
    snprintf(to, size, "%.*s", (int)from.size, from.data == NULL ? "" : from.data);
}

static bool is(jabberd_view view, const char *text)
{
    return view.data != NULL && view.size == strlen(text) && memcmp(view.data, text, view.size) == 0;
}

static bool holds(jabberd_view view, const char *text)
{
    return view.data != NULL && memmem(view.data, view.size, text, strlen(text)) != NULL;
}

static void user_of(char *to, size_t size, jabberd_view body)
{
    static const char before[] = "<username>";
    const char *begin = body.data == NULL ? NULL : memmem(body.data, body.size, before, sizeof before - 1);
    copy(to, size, view(""));
    if (begin == NULL)
        return;
    begin += sizeof before - 1;
    const char *end = memchr(begin, '<', (size_t)(body.data + body.size - begin));
    copy(to, size, (jabberd_view){begin, end == NULL ? 0 : (size_t)(end - begin)});
}

static void answer(struct jabberd_instance *self, const struct waiting *request)
{
    char session[512];
    snprintf(session, sizeof session, "%s@%s/r", request->user, request->sto);
    const jabberd_packet packet = {.size = sizeof packet,
                                   .name = view("iq"),
                                   .type = view(request->is_login ? "result" : "error"),
                                   .id = view(request->id),
                                   .sto = view(request->sfrom),
                                   .sfrom = view(request->is_login ? session : request->sto),
                                   .body = view(request->is_login ? "" : "<error code='501'>Not Implemented</error>")};
    self->host->deliver(self->host, &packet);
}

static struct waiting read_request(const jabberd_packet *packet)
{
    struct waiting request = {.is_login = is(packet->type, "set") && holds(packet->body, "jabber:iq:auth")};
    copy(request.id, sizeof request.id, packet->id);
    copy(request.sto, sizeof request.sto, packet->sto);
    copy(request.sfrom, sizeof request.sfrom, packet->sfrom);
    user_of(request.user, sizeof request.user, packet->body);
    return request;
}

static void *answer_slowly(void *data)
{
    struct jabberd_instance *self = data;
    pthread_mutex_lock(&self->mutex);
    for (;;) {
        while (self->first == NULL && !self->stops)
            pthread_cond_wait(&self->changed, &self->mutex);
        struct waiting *request = self->first;
        if (self->stops)
            break;
        self->first = request->next;
        if (self->first == NULL)
            self->last = &self->first;
        pthread_mutex_unlock(&self->mutex);
        nanosleep(&slowness, NULL);
        answer(self, request);
        free(request);
        pthread_mutex_lock(&self->mutex);
    }
    pthread_mutex_unlock(&self->mutex);
    return NULL;
}

static void answer_later(struct jabberd_instance *self, const jabberd_packet *packet)
{
    struct waiting *request = malloc(sizeof *request);
    if (request == NULL)
        return;
    *request = read_request(packet);
    request->next = NULL;
    pthread_mutex_lock(&self->mutex);
    *self->last = request;
    self->last = &request->next;
    pthread_cond_signal(&self->changed);
    pthread_mutex_unlock(&self->mutex);
}

/* Each time another answer that is wrong in a way of its own. */
static void answer_nonsense(struct jabberd_instance *self, const jabberd_packet *packet)
{
    jabberd_packet wrong = {.size = sizeof wrong,
                            .name = view("iq"),
                            .type = view("result"),
                            .id = packet->id,
                            .sto = packet->sfrom,
                            .sfrom = packet->sto};
    char *large = NULL;
    switch (atomic_fetch_add(&self->count, 1) % 14) {
    case 0: wrong.id = view("another"); break;
    case 1: wrong.type = view("nonsense"); break;
    case 2: wrong.body = view("<query xmlns='jabber:iq:stream-features'><mechanisms>"); break;
    case 3:
        wrong.name = view("success");
        wrong.xmlns = view("urn:ietf:params:xml:ns:xmpp-sasl");
        break;
    case 4: wrong.sfrom = view("friend-one@localhost/test"); break;
    case 5: wrong.sfrom = view("localhost"); break;
    case 6: wrong.sto = view("999999@c2s/999999"); break;
    case 7: wrong.name = view("a b='><'"); break;
    case 8: wrong.body = view("<body>\xff\xfe</body>"); break;
    case 9: wrong.id = view("'/><message to='x'/>"); break;
    case 10:
        wrong.name = view("message");
        wrong.type = view("error");
        wrong.body = view("<error code='510'>Disconnected</error>");
        break;
    case 11:
        large = malloc(4000000);
        if (large != NULL) {
            memset(large, 'x', 4000000);
            wrong.body = (jabberd_view){large, 4000000};
        }
        break;
    case 12: wrong.sfrom = view("@"); break;
    default: wrong.name = view(""); break;
    }
    self->host->deliver(self->host, &wrong);
    self->host->deliver(self->host, &wrong);
    free(large);
}

static jabberd_result on_packet(void *data, const jabberd_packet *packet)
{
    struct jabberd_instance *self = data;
    const enum does does = self->does;
    if (does == GONE)
        return JABBERD_PASS;
    if (does == FULL)
        return JABBERD_CONGESTED;
    if (does == SILENT || !is(packet->name, "iq") || is(packet->type, "error"))
        return JABBERD_DONE;
    /* One in two of those who are asked what to offer gets as far as a login. */
    const bool is_asked_first = holds(packet->body, JABBERD_NS_FEATURES);
    if (does == NONSENSE && !(is_asked_first && atomic_fetch_add(&self->asked, 1) % 2 == 0)) {
        answer_nonsense(self, packet);
    } else if (does == SLOW) {
        answer_later(self, packet);
    } else {
        if (does == BLOCKS)
            nanosleep(&block, NULL);
        const struct waiting request = read_request(packet);
        answer(self, &request);
    }
    return JABBERD_DONE;
}

static bool read_section(const jabberd_host *host, const jabberd_config *service, _Atomic enum does *does)
{
    const jabberd_config *section = jabberd_config_section(service, "test:chaos");
    const char *wanted = section == NULL ? NULL : jabberd_config_attribute_value(section, "does");
    for (unsigned i = 0; wanted != NULL && names[i] != NULL; ++i) {
        if (strcmp(wanted, names[i]) == 0) {
            *does = (enum does)i;
            return true;
        }
    }
    host->report(host, section == NULL ? service : section, JABBERD_LOG_ERROR, "does is none of those that there are");
    return false;
}

static void destroy(jabberd_instance *self)
{
    if (self->runs) {
        pthread_mutex_lock(&self->mutex);
        self->stops = true;
        pthread_cond_signal(&self->changed);
        pthread_mutex_unlock(&self->mutex);
        pthread_join(self->thread, NULL);
    }
    for (struct waiting *request = self->first; request != NULL;) {
        struct waiting *next = request->next;
        free(request);
        request = next;
    }
    free(self);
}

static jabberd_instance *create(const jabberd_host *host, const jabberd_config *service)
{
    struct jabberd_instance *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->host = host;
    self->last = &self->first;
    pthread_mutex_init(&self->mutex, NULL);
    pthread_cond_init(&self->changed, NULL);
    if (!read_section(host, service, &self->does)) {
        destroy(self);
        return NULL;
    }
    host->register_handler(host, JABBERD_DELIVER, on_packet, self);
    return self;
}

static bool start(jabberd_instance *self)
{
    return self->runs = pthread_create(&self->thread, NULL, answer_slowly, self) == 0;
}

static bool reload(jabberd_instance *self, const jabberd_config *service)
{
    if (!read_section(self->host, service, &self->does))
        return false;
    if (self->does != FULL)
        self->host->ready(self->host);
    return true;
}

static const char *const namespaces[] = {"test:chaos", NULL};

JABBERD_COMPONENT("wrong_session_manager", "1.0", JABBERD_PARALLEL, namespaces, create, start, reload, NULL, destroy,
                  NULL, NULL);
