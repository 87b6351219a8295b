/* SPDX-License-Identifier: MIT */
/* hello: says back what it is told. A whole component in one page, to begin one of your own with.
 *
 *     cc $(pkg-config --cflags jabberd-component) -shared -fPIC -o hello.so hello.c
 *
 *     <service id="hello"><host>hello.localhost</host><load><hello>./hello.so</hello></load></service> */
#include <jabberd/component.h>

#include <stdlib.h>
#include <string.h>

/* Everything an instance knows. The type is ours: the host only carries the pointer about. A configuration may load us
 * twice, so nothing here is global. */
struct jabberd_instance {
    const jabberd_host *host;
};

/* Views are borrowed and not terminated; absent is not the same as empty. */
static jabberd_view view(const char *text)
{
    return (jabberd_view){text, strlen(text)};
}

static bool is(jabberd_view v, const char *text)
{
    return v.data != NULL && v.size == strlen(text) && memcmp(v.data, text, v.size) == 0;
}

/* A packet is a start tag as fields, so an answer is a copy with some fields changed. Everything it points to is still
 * borrowed from the original, which is all right: deliver() borrows it, too. */
static jabberd_packet answer_to(const jabberd_packet *packet)
{
    jabberd_packet answer = *packet;
    answer.size = sizeof answer;
    answer.to = packet->from;
    answer.from = packet->to;
    return answer;
}

static jabberd_result send(struct jabberd_instance *self, const jabberd_packet *packet)
{
    /* It may call our own handlers before it returns: hold no lock here. JABBERD_FULL would ask us to pause; we only
     * ever answer, so there is nothing to hold back. */
    self->host->deliver(self->host, packet);
    return JABBERD_DONE;
}

/* The host calls this for every packet addressed to one of our names. */
static jabberd_result on_packet(void *data, const jabberd_packet *packet)
{
    struct jabberd_instance *self = data;

    /* The one rule against endless loops: never answer an error. */
    if (is(packet->type, "error"))
        return JABBERD_DONE;

    /* A packet in a session (sto, sfrom) is for a session manager. The host returns what no component takes to its
     * sender. */
    if (packet->sto.data != NULL || packet->from.data == NULL)
        return JABBERD_PASS;

    /* The body is the packet's children as XML. Ours goes back as it came. */
    if (is(packet->name, "message") && packet->body.size > 0) {
        const jabberd_packet answer = answer_to(packet);
        return send(self, &answer);
    }

    /* A question must be answered, even if we do not understand it (RFC 6120, 8.2.3). */
    if (is(packet->name, "iq") && (is(packet->type, "get") || is(packet->type, "set"))) {
        jabberd_packet answer = answer_to(packet);
        answer.type = view("error");
        answer.body = view("<error code='503' type='cancel'><service-unavailable "
                           "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>");
        return send(self, &answer);
    }

    /* Presence, results, empty messages: heard, and nothing to say. */
    return JABBERD_DONE;
}

/* `service` is our <service/> element. A component with settings would read its own section here (config.h), and report
 * mistakes with host->report(). */
static jabberd_instance *create(const jabberd_host *host, const jabberd_config *service)
{
    (void)service;
    struct jabberd_instance *self = malloc(sizeof *self);
    if (self == NULL)
        return NULL;
    self->host = host;
    host->register_handler(host, JABBERD_DELIVER, on_packet, self);
    return self;
}

static bool start(jabberd_instance *self)
{
    const jabberd_log_record record = {sizeof record, JABBERD_LOG_NOTICE, view("hello is listening"), NULL, 0};
    self->host->log(self->host, &record);
    return true;
}

static void destroy(jabberd_instance *self)
{
    free(self);
}

/* Parallel: on_packet() changes nothing, so any number of threads may be in it. With JABBERD_SERIALIZED the host lets
 * in one at a time. The NULLs: no configuration of its own, no reload, no stop, no resume, no extensions. */
JABBERD_COMPONENT("hello", "1.0", JABBERD_PARALLEL, NULL, create, start, NULL, NULL, destroy, NULL, NULL);
