/* SPDX-License-Identifier: MIT */
/* A packet that owns itself, and what it is turned into. */
#ifndef PLAIN_STANZA_H
#define PLAIN_STANZA_H

#include "bytes.h"

#include <jabberd/packet.h>

enum { STANZA_ATTRIBUTES = 64, STANZA_OWN = 6 };

/* `packet` points into `text` and `body`. Freed with stanza_free(). */
struct stanza {
    struct stanza *next; /* of whatever list it is in */
    struct bytes text, body;
    jabberd_packet packet;
    jabberd_attribute attributes[STANZA_ATTRIBUTES];
    char *own[STANZA_OWN]; /* what the packet was given besides */
    unsigned owns;
    unsigned children;
    bool is_510;                             /* a child <error code='510'/>, of any namespace */
    enum { NO_QUERY, AUTH, REGISTER } query; /* of the last child */
};

void stanza_free(struct stanza *stanza);

/* A copy of `text` that lives as long as the stanza. Absent for NULL. At most STANZA_OWN of them. */
jabberd_view stanza_own(struct stanza *stanza, const char *text);

/* As XML. sto and sfrom are what the packet says. */
void put_packet(struct bytes *out, const jabberd_packet *packet);

/* Reads what put_packet() wrote, or any other program. NULL: it is not one well-formed element. */
struct stanza *stanza_read(const char *xml, size_t size);
struct stanza *stanza_copy(const jabberd_packet *packet);

#endif
