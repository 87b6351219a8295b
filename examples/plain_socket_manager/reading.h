/* SPDX-License-Identifier: MIT */
/* What reader.c and canonical.c share: one that reads. */
#ifndef PLAIN_READING_H
#define PLAIN_READING_H

#include "characters.h"
#include "reader.h"

#include <libxml/parser.h>

enum { MAX_DEPTH = 64 };

#define NS_STREAMS "http://etherx.jabber.org/streams"

struct reader {
    xmlParserCtxtPtr xml;
    const struct limits *limits;
    unsigned depth, elements;
    size_t bytes; /* of what is not finished */
    struct characters characters;
    struct bytes portion; /* what libxml2 is given */
    unsigned brackets;    /* that the text so far ends with: no '>' may follow two of them */
    enum read_event event;
    const char *fault;
    struct header header;
    struct stanza *stanza; /* being read, or ready */
    struct {
        const xmlChar *name, *xmlns; /* the parser's own strings: they live as long as it */
    } open[MAX_DEPTH + 2];
    bool in_start_tag;
};

/* reader.c */
void reader_stop(struct reader *reader, const char *fault);

/* canonical.c: a start tag, by its depth; what comes next; the end of a stanza. */
size_t name_length(const xmlChar *text);
bool is_same(const xmlChar *a, const char *b);
void put_name(struct bytes *out, const xmlChar *prefix, const xmlChar *name, const char *before);
void canonical_header(struct reader *reader, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                      int declared, const xmlChar **declarations, int count, const xmlChar **attributes);
void canonical_stanza(struct reader *reader, const xmlChar *name, const xmlChar *uri, int count,
                      const xmlChar **attributes);
void canonical_child(struct reader *reader, const xmlChar *name, const xmlChar *uri, int declared,
                     const xmlChar **declarations, int count, const xmlChar **attributes);
void canonical_close_tag(struct reader *reader);
void canonical_finish(struct reader *reader);

#endif
