/* SPDX-License-Identifier: MIT */
#include "reading.h"

#include <libxml/parserInternals.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Escaping makes six bytes of one at most. More than that repeats on each child what was declared once. */
enum { MAX_GROWTH = 6, MAX_NAME = 1024 };

void reader_stop(struct reader *reader, const char *fault)
{
    if (reader->fault == NULL)
        reader->fault = fault;
    xmlStopParser(reader->xml);
}

static bool has_short_names(const xmlChar *name, int count, const xmlChar **attributes)
{
    bool all = name_length(name) <= MAX_NAME;
    for (int i = 0; i < count; ++i)
        all = all && name_length(attributes[5 * i]) <= MAX_NAME;
    return all;
}

static bool has_grown(const struct reader *reader)
{
    return reader->stanza != NULL && reader->stanza->body.size > MAX_GROWTH * reader->bytes;
}

static void on_start(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int declared,
                     const xmlChar **declarations, int count, int defaulted, const xmlChar **attributes)
{
    struct reader *reader = data;
    (void)defaulted;
    reader->brackets = 0;
    if (reader->fault != NULL)
        return;
    /* libxml2 reports a tag with prefixes that nothing declares, and says so only in passing. */
    if (!reader->xml->nsWellFormed)
        return reader_stop(reader, "bad-namespace-prefix");
    /* Nor may an element be of XML's own namespace: as a default one, which we write, nothing may declare it. */
    if ((reader->depth > 0 && is_same(uri, NS_STREAMS)) || is_same(uri, (const char *)XML_XML_NAMESPACE))
        return reader_stop(reader, "bad-format");
    if (reader->depth > reader->limits->depth || reader->depth > MAX_DEPTH || count > STANZA_ATTRIBUTES - declared ||
        ++reader->elements > reader->limits->elements || !has_short_names(name, count, attributes) || has_grown(reader))
        return reader_stop(reader, "policy-violation");
    if (reader->depth == 0)
        canonical_header(reader, name, prefix, uri, declared, declarations, count, attributes);
    else if (reader->depth == 1)
        canonical_stanza(reader, name, uri, count, attributes);
    else
        canonical_child(reader, name, uri, declared, declarations, count, attributes);
    reader->open[reader->depth].name = name;
    reader->open[reader->depth++].xmlns = uri;
}

static void on_end(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct reader *reader = data;
    (void)prefix, (void)uri;
    reader->brackets = 0;
    if (reader->fault != NULL)
        return;
    if (--reader->depth == 0) {
        reader->event = READ_END;
    } else if (reader->depth == 1) {
        if (has_grown(reader))
            return reader_stop(reader, "policy-violation");
        canonical_finish(reader);
    } else if (reader->in_start_tag) {
        put_text(&reader->stanza->body, "/>");
        reader->in_start_tag = false;
    } else {
        put_name(&reader->stanza->body, NULL, name, "</");
        put_text(&reader->stanza->body, ">");
    }
}

/* libxml2 reports a reference by itself, when it has just read the ';'. */
static bool is_reference(const struct reader *reader, const xmlChar *text, int size)
{
    const xmlParserInput *input = reader->xml->input;
    return size <= 4 && input->cur > input->base && input->cur[-1] == ';' && text[size - 1] != ';';
}

/* "]]>" is no text (XML 1.0 2.4), and libxml2 overlooks it when it comes in pieces. */
static bool ends_cdata(struct reader *reader, const xmlChar *text, int size)
{
    if (is_reference(reader, text, size))
        reader->brackets = 0;
    else
        for (int i = 0; i < size; ++i) {
            if (text[i] == '>' && reader->brackets >= 2)
                return true;
            reader->brackets = text[i] == ']' ? reader->brackets + 1 : 0;
        }
    return false;
}

static void on_characters(void *data, const xmlChar *text, int size)
{
    struct reader *reader = data;
    if (reader->fault != NULL || size == 0)
        return;
    if (reader->depth < 2) {
        for (int i = 0; i < size; ++i)
            if (strchr(" \t\r\n", text[i]) == NULL || is_reference(reader, text, size))
                return reader_stop(reader, "bad-format");
        return;
    }
    if (ends_cdata(reader, text, size))
        return reader_stop(reader, "not-well-formed");
    canonical_close_tag(reader);
    put_escaped_text(&reader->stanza->body, (const char *)text, (size_t)size);
}

static void on_cdata(void *data, const xmlChar *text, int size)
{
    struct reader *reader = data;
    reader->brackets = 0;
    if (reader->fault != NULL)
        return;
    if (reader->depth < 2)
        return reader_stop(reader, "bad-format");
    if (size == 0)
        return;
    canonical_close_tag(reader);
    put_escaped_text(&reader->stanza->body, (const char *)text, (size_t)size);
}

/* The XML declaration, or nothing, was read, and is still in the buffer. It is UTF-8, and must not say otherwise. */
static void on_declaration(void *data)
{
    struct reader *reader = data;
    const xmlParserInput *input = reader->xml->input;
    const char *begin = (const char *)input->base, *end = (const char *)input->cur;
    const char *key = memmem(begin, (size_t)(end - begin), "encoding", 8);
    if (key == NULL)
        return;
    while (key < end && *key != '\'' && *key != '"')
        ++key;
    if (end - key < 7 || strncasecmp(key + 1, "utf-8", 5) != 0 || key[6] != key[0])
        reader_stop(reader, "unsupported-encoding");
}

static void on_doctype(void *data, const xmlChar *name, const xmlChar *id, const xmlChar *system)
{
    (void)name, (void)id, (void)system;
    reader_stop(data, "restricted-xml");
}

static void on_comment(void *data, const xmlChar *text)
{
    (void)text;
    reader_stop(data, "restricted-xml");
}

static void on_instruction(void *data, const xmlChar *target, const xmlChar *text)
{
    (void)target, (void)text;
    reader_stop(data, "restricted-xml");
}

static xmlEntityPtr on_entity(void *data, const xmlChar *name)
{
    xmlEntityPtr entity = xmlGetPredefinedEntity(name);
    if (entity == NULL)
        reader_stop(data, "restricted-xml");
    return entity;
}

static void on_error(void *data, xmlErrorPtr error)
{
    (void)data, (void)error; /* reader_feed() looks at what the parser says of itself */
}

struct reader *reader_new(const char *primer, size_t size)
{
    static const struct limits any = {SIZE_MAX, 1, MAX_DEPTH, NULL};
    struct reader *reader = need(calloc(1, sizeof *reader));
    xmlSAXHandler sax = {0};
    sax.initialized = XML_SAX2_MAGIC;
    sax.startElementNs = on_start;
    sax.endElementNs = on_end;
    sax.characters = sax.ignorableWhitespace = on_characters;
    sax.cdataBlock = on_cdata;
    sax.startDocument = on_declaration;
    sax.internalSubset = on_doctype;
    sax.comment = on_comment;
    sax.processingInstruction = on_instruction;
    sax.getEntity = on_entity;
    sax.serror = on_error;
    reader->xml = need(xmlCreatePushParserCtxt(&sax, reader, NULL, 0, NULL));
    /* NOENT: otherwise an attribute's &amp; comes as &#38;. IGNORE_ENC: it is UTF-8, whatever it says. OLD10: names
     * that other parsers know as well, which stopped at the fourth edition. */
    xmlCtxtUseOptions(reader->xml, XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_OLD10);
    size_t used = 0;
    if (primer != NULL && (size < 4 || reader_feed(reader, &any, primer, size, &used) != READ_HEADER || used != size)) {
        reader_free(reader);
        return NULL;
    }
    return reader;
}

void reader_free(struct reader *reader)
{
    if (reader == NULL)
        return;
    xmlFreeParserCtxt(reader->xml);
    stanza_free(reader->stanza);
    drop_bytes(&reader->portion);
    drop_bytes(&reader->header.to);
    drop_bytes(&reader->header.version);
    drop_bytes(&reader->header.lang);
    drop_bytes(&reader->header.primer);
    free(reader);
}

/* In portions that end with a '>': so what ends an element ends a portion, and nothing of what follows is in libxml2.
 */
enum read_event reader_feed(struct reader *reader, const struct limits *limits, const char *bytes, size_t size,
                            size_t *used)
{
    reader->limits = limits;
    reader->event = READ_MORE;
    *used = 0;
    while (reader->event == READ_MORE && reader->fault == NULL && *used < size) {
        const char *at = bytes + *used;
        if (reader->bytes == 0 && strchr(" \t\r\n", *at) != NULL && *at != '\0') { /* keepalives */
            ++*used;
            continue;
        }
        const char *end = memchr(at, '>', size - *used);
        const size_t portion = end == NULL ? size - *used : (size_t)(end - at) + 1;
        /* A first byte that is no '<' may be another encoding, which libxml2 would find out. */
        if (reader->bytes == 0 && *at != '<') {
            reader_stop(reader, reader->depth == 0 ? "not-well-formed" : "bad-format");
            break;
        }
        reader->bytes += portion;
        *used += portion;
        if (reader->bytes > limits->bytes) {
            reader_stop(reader, "policy-violation");
            break;
        }
        reader->portion.size = 0;
        const bool readable = put_characters(&reader->portion, &reader->characters, at, portion);
        if (reader->portion.size > 0)
            xmlParseChunk(reader->xml, reader->portion.data, (int)reader->portion.size, 0);
        if (reader->fault == NULL && !readable) {
            reader_stop(reader, "not-well-formed");
        } else if (reader->fault == NULL && !reader->xml->wellFormed) {
            reader_stop(reader, "not-well-formed");
        } else if (reader->fault == NULL && !reader->xml->nsWellFormed) {
            reader_stop(reader, "bad-namespace-prefix");
        }
    }
    if (reader->fault != NULL)
        return READ_FAULT;
    if (reader->event != READ_MORE)
        reader->bytes = reader->elements = 0;
    return reader->event;
}

bool reader_at_boundary(const struct reader *reader)
{
    return reader->bytes == 0;
}

struct stanza *reader_take(struct reader *reader)
{
    struct stanza *stanza = reader->stanza;
    reader->stanza = NULL;
    return stanza;
}

const struct header *reader_header(const struct reader *reader)
{
    return &reader->header;
}

const char *reader_fault(const struct reader *reader)
{
    return reader->fault;
}
