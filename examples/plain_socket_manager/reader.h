/* SPDX-License-Identifier: MIT */
/* A client's bytes, read by libxml2, become stream headers and stanzas in canonical form. */
#ifndef PLAIN_READER_H
#define PLAIN_READER_H

#include "stanza.h"

struct reader;

enum read_event { READ_MORE, READ_HEADER, READ_STANZA, READ_END, READ_FAULT };

struct header {
    struct bytes to, version, lang;
    bool has_to;
    bool is_stream, is_client; /* of the right namespaces */
    struct bytes primer;       /* its declarations as a start tag (JABBERD_CONNECTION_HEADER) */
};

struct limits {
    size_t bytes;
    unsigned elements, depth;
    const char *digest_sid; /* what <digest/> is told; NULL: it is left alone */
};

#define USUAL_PRIMER "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"

/* With a primer, a start tag: what comes is in that stream. Without: a stream header comes first. NULL: the primer is
 * no start tag. */
struct reader *reader_new(const char *primer, size_t size);
void reader_free(struct reader *reader);

/* Reads to the next event, and says how many of the bytes that took. */
enum read_event reader_feed(struct reader *reader, const struct limits *limits, const char *bytes, size_t size,
                            size_t *used);

bool reader_at_boundary(const struct reader *reader); /* nothing unfinished is in it */
struct stanza *reader_take(struct reader *reader);    /* after READ_STANZA */
const struct header *reader_header(const struct reader *reader);
const char *reader_fault(const struct reader *reader); /* after READ_FAULT: the stream error condition */

#endif
