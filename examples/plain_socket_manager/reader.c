/* SPDX-License-Identifier: MIT */
#include "reader.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 64 };

static const char ns_streams[] = "http://etherx.jabber.org/streams", ns_client[] = "jabber:client";

struct reader {
    xmlParserCtxtPtr xml;
    const struct limits *limits;
    unsigned depth, elements;
    size_t bytes; /* of what is not finished */
    enum read_event event;
    const char *fault;
    struct header header;
    struct stanza *stanza; /* being read, or ready */
    struct {
        const xmlChar *name, *xmlns; /* the parser's own strings: they live as long as it */
    } open[MAX_DEPTH + 2];
    bool in_start_tag;
};

static void stop(struct reader *reader, const char *fault)
{
    if (reader->fault == NULL)
        reader->fault = fault;
    xmlStopParser(reader->xml);
}

static bool same(const xmlChar *a, const char *b)
{
    return a != NULL && strcmp((const char *)a, b) == 0;
}

static jabberd_view value_of(const xmlChar **attribute)
{
    return (jabberd_view){(const char *)attribute[3], (size_t)(attribute[4] - attribute[3])};
}

static void on_header(struct reader *reader, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                      int declared, const xmlChar **declarations, int count, const xmlChar **attributes)
{
    struct header *header = &reader->header;
    header->is_stream = same(name, "stream") && same(uri, ns_streams);
    put_text(&header->primer, "<");
    if (prefix != NULL) {
        put_text(&header->primer, (const char *)prefix);
        put_text(&header->primer, ":");
    }
    put_text(&header->primer, (const char *)name);
    for (int i = 0; i < declared; ++i) {
        const xmlChar *of = declarations[2 * i], *to = declarations[2 * i + 1];
        struct bytes attribute = {NULL, 0, 0};
        put_text(&attribute, of == NULL ? "xmlns" : "xmlns:");
        put_text(&attribute, of == NULL ? "" : (const char *)of);
        put_attribute(&header->primer, attribute.data, view(to == NULL ? "" : (const char *)to));
        drop_bytes(&attribute);
        if (of == NULL && same(to, ns_client))
            header->is_client = true;
    }
    put_text(&header->primer, ">");
    for (int i = 0; i < count; ++i, attributes += 5) {
        struct bytes *field = NULL;
        if (attributes[1] == NULL && same(attributes[0], "to"))
            field = &header->to;
        else if (attributes[1] == NULL && same(attributes[0], "version"))
            field = &header->version;
        else if (same(attributes[1], "xml") && same(attributes[0], "lang"))
            field = &header->lang;
        if (field == NULL)
            continue;
        const jabberd_view value = value_of(attributes);
        put(field, value.data, value.size);
        header->has_to |= field == &header->to;
    }
    reader->event = READ_HEADER;
}

/* Into the text of the stanza, which may move while it grows: where it is, not what it is, is kept until the end. */
static jabberd_view keep(struct stanza *stanza, const void *data, size_t size)
{
    const uintptr_t at = stanza->text.size + 1; /* 0 would be NULL: absent */
    put(&stanza->text, data, size);
    return (jabberd_view){(const char *)at, size};
}

static void settle(jabberd_view *field, const struct stanza *stanza)
{
    if (field->data != NULL)
        field->data = stanza->text.data + ((uintptr_t)field->data - 1);
}

static void add_attribute(struct reader *reader, const char *prefix, const char *name, jabberd_view value)
{
    jabberd_packet *packet = &reader->stanza->packet;
    if (packet->attribute_count == STANZA_ATTRIBUTES)
        return stop(reader, "policy-violation");
    jabberd_attribute *attribute = &reader->stanza->attributes[packet->attribute_count++];
    attribute->name = keep(reader->stanza, prefix, strlen(prefix));
    if (prefix[0] != '\0')
        attribute->name.size += keep(reader->stanza, ":", 1).size;
    attribute->name.size += keep(reader->stanza, name, strlen(name)).size;
    attribute->value = keep(reader->stanza, value.data, value.size);
}

static bool declared_before(const xmlChar **attributes, int end, const xmlChar *prefix)
{
    for (int i = 0; i < end; ++i)
        if (attributes[5 * i + 1] == prefix)
            return true;
    return false;
}

static void on_stanza(struct reader *reader, const xmlChar *name, const xmlChar *uri, int count,
                      const xmlChar **attributes)
{
    struct stanza *stanza = reader->stanza = need(calloc(1, sizeof *stanza));
    jabberd_packet *packet = &stanza->packet;
    packet->size = sizeof *packet;
    packet->name = keep(stanza, name, strlen((const char *)name));
    if (!same(uri, ns_client))
        packet->xmlns =
            keep(stanza, uri == NULL ? (const xmlChar *)"" : uri, uri == NULL ? 0 : strlen((const char *)uri));
    const struct {
        const char *name;
        jabberd_view *field;
    } fields[] = {{"to", &packet->to},     {"from", &packet->from}, {"id", &packet->id},
                  {"type", &packet->type}, {"sto", &packet->sto},   {"sfrom", &packet->sfrom}};
    for (int i = 0; i < count; ++i) {
        const xmlChar **attribute = attributes + 5 * i;
        const jabberd_view value = value_of(attribute);
        const bool is_xml = same(attribute[1], "xml");
        jabberd_view *field = is_xml && same(attribute[0], "lang") ? &packet->lang : NULL;
        for (size_t f = 0; attribute[1] == NULL && f < sizeof fields / sizeof fields[0]; ++f)
            if (same(attribute[0], fields[f].name))
                field = fields[f].field;
        if (field != NULL) {
            *field = keep(stanza, value.data, value.size);
            continue;
        }
        const char *prefix = attribute[1] == NULL ? "" : (const char *)attribute[1];
        if (attribute[1] != NULL && !is_xml && !declared_before(attributes, i, attribute[1]))
            add_attribute(reader, "xmlns", prefix, view((const char *)attribute[2]));
        add_attribute(reader, prefix, (const char *)attribute[0], value);
    }
}

static void close_start_tag(struct reader *reader)
{
    if (reader->in_start_tag)
        put_text(&reader->stanza->body, ">");
    reader->in_start_tag = false;
}

static void put_name(struct bytes *out, const xmlChar *prefix, const xmlChar *name, const char *before)
{
    put_text(out, before);
    if (prefix != NULL) {
        put_text(out, (const char *)prefix);
        put_text(out, ":");
    }
    put_text(out, (const char *)name);
}

static void put_declaration(struct bytes *out, const xmlChar *prefix, const xmlChar *uri)
{
    put_name(out, NULL, prefix, " xmlns:");
    put_text(out, "='");
    put_escaped(out, (const char *)uri, strlen((const char *)uri));
    put_text(out, "'");
}

/* What a child is called decides what a stanza is, before login and when it is a 510. */
static void look_at_child(struct stanza *stanza, const xmlChar *name, const xmlChar *uri, int count,
                          const xmlChar **attributes)
{
    ++stanza->children;
    stanza->query = NO_QUERY;
    if (same(name, "query"))
        stanza->query = same(uri, "jabber:iq:auth") ? AUTH : same(uri, "jabber:iq:register") ? REGISTER : NO_QUERY;
    for (int i = 0; same(name, "error") && i < count; ++i)
        if (attributes[5 * i + 1] == NULL && same(attributes[5 * i], "code") && is(value_of(attributes + 5 * i), "510"))
            stanza->is_510 = true;
}

static void on_child(struct reader *reader, const xmlChar *name, const xmlChar *uri, int declared,
                     const xmlChar **declarations, int count, const xmlChar **attributes)
{
    struct bytes *out = &reader->stanza->body;
    close_start_tag(reader);
    put_name(out, NULL, name, "<");
    const xmlChar *outer = reader->open[reader->depth - 1].xmlns;
    if (uri != outer && (uri == NULL || outer == NULL || strcmp((const char *)uri, (const char *)outer) != 0))
        put_attribute(out, "xmlns", view(uri == NULL ? "" : (const char *)uri));
    for (int i = 0; i < declared; ++i)
        if (declarations[2 * i] != NULL)
            put_declaration(out, declarations[2 * i], declarations[2 * i + 1]);
    const char *sid = same(name, "digest") ? reader->limits->digest_sid : NULL;
    for (int i = 0; i < count; ++i) {
        const xmlChar **attribute = attributes + 5 * i;
        bool known = attribute[1] == NULL || same(attribute[1], "xml") || declared_before(attributes, i, attribute[1]);
        for (int d = 0; d < declared; ++d)
            known |= declarations[2 * d] == attribute[1];
        if (!known)
            put_declaration(out, attribute[1], attribute[2]);
        if (sid != NULL && attribute[1] == NULL && same(attribute[0], "sid"))
            continue;
        const jabberd_view value = value_of(attribute);
        put_name(out, attribute[1], attribute[0], " ");
        put_text(out, "='");
        put_escaped(out, value.data, value.size);
        put_text(out, "'");
    }
    put_attribute(out, "sid", view(sid));
    reader->in_start_tag = true;
}

static void on_start(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int declared,
                     const xmlChar **declarations, int count, int defaulted, const xmlChar **attributes)
{
    struct reader *reader = data;
    (void)defaulted;
    if (reader->fault != NULL)
        return;
    if (reader->depth > 0 && same(uri, ns_streams))
        return stop(reader, "bad-format");
    if (reader->depth > reader->limits->depth || reader->depth > MAX_DEPTH || count > STANZA_ATTRIBUTES ||
        ++reader->elements > reader->limits->elements)
        return stop(reader, "policy-violation");
    if (reader->depth == 0)
        on_header(reader, name, prefix, uri, declared, declarations, count, attributes);
    else if (reader->depth == 1)
        on_stanza(reader, name, uri, count, attributes);
    else {
        if (reader->depth == 2)
            look_at_child(reader->stanza, name, uri, count, attributes);
        on_child(reader, name, uri, declared, declarations, count, attributes);
    }
    reader->open[reader->depth].name = name;
    reader->open[reader->depth++].xmlns = uri;
}

static void finish(struct reader *reader)
{
    struct stanza *stanza = reader->stanza;
    jabberd_packet *packet = &stanza->packet;
    jabberd_view *fields[] = {&packet->name, &packet->xmlns, &packet->to,  &packet->from, &packet->id,
                              &packet->type, &packet->lang,  &packet->sto, &packet->sfrom};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; ++i)
        settle(fields[i], stanza);
    for (size_t i = 0; i < packet->attribute_count; ++i) {
        settle(&stanza->attributes[i].name, stanza);
        settle(&stanza->attributes[i].value, stanza);
    }
    packet->attributes = stanza->attributes;
    packet->body = view_of(&stanza->body);
    reader->event = READ_STANZA;
}

static void on_end(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct reader *reader = data;
    (void)prefix, (void)uri;
    if (reader->fault != NULL)
        return;
    if (--reader->depth == 0) {
        reader->event = READ_END;
    } else if (reader->depth == 1) {
        finish(reader);
    } else if (reader->in_start_tag) {
        put_text(&reader->stanza->body, "/>");
        reader->in_start_tag = false;
    } else {
        put_name(&reader->stanza->body, NULL, name, "</");
        put_text(&reader->stanza->body, ">");
    }
}

static void on_characters(void *data, const xmlChar *text, int size)
{
    struct reader *reader = data;
    if (reader->fault != NULL || size == 0)
        return;
    if (reader->depth < 2) {
        for (int i = 0; i < size; ++i)
            if (strchr(" \t\r\n", text[i]) == NULL)
                return stop(reader, "bad-format");
        return;
    }
    close_start_tag(reader);
    put_escaped(&reader->stanza->body, (const char *)text, (size_t)size);
}

static void on_doctype(void *data, const xmlChar *name, const xmlChar *id, const xmlChar *system)
{
    (void)name, (void)id, (void)system;
    stop(data, "restricted-xml");
}

static void on_comment(void *data, const xmlChar *text)
{
    (void)text;
    stop(data, "restricted-xml");
}

static void on_instruction(void *data, const xmlChar *target, const xmlChar *text)
{
    (void)target, (void)text;
    stop(data, "restricted-xml");
}

static xmlEntityPtr on_entity(void *data, const xmlChar *name)
{
    xmlEntityPtr entity = xmlGetPredefinedEntity(name);
    if (entity == NULL)
        stop(data, "restricted-xml");
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
    sax.cdataBlock = on_characters;
    sax.internalSubset = on_doctype;
    sax.comment = on_comment;
    sax.processingInstruction = on_instruction;
    sax.getEntity = on_entity;
    sax.serror = on_error;
    reader->xml = need(xmlCreatePushParserCtxt(&sax, reader, NULL, 0, NULL));
    /* NOENT: otherwise an attribute's &amp; comes as &#38;. IGNORE_ENC: it is UTF-8, whatever it says. */
    xmlCtxtUseOptions(reader->xml, XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
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
        /* A first byte that is no '<', and NULs, are other encodings, which libxml2 would find out. */
        if ((reader->bytes == 0 && *at != '<') || memchr(at, '\0', portion) != NULL) {
            stop(reader, reader->depth == 0 ? "not-well-formed" : "bad-format");
            break;
        }
        reader->bytes += portion;
        *used += portion;
        if (reader->bytes > limits->bytes) {
            stop(reader, "policy-violation");
            break;
        }
        xmlParseChunk(reader->xml, at, (int)portion, 0);
        if (reader->fault == NULL && !reader->xml->wellFormed) {
            stop(reader, "not-well-formed");
        } else if (reader->fault == NULL && !reader->xml->nsWellFormed) {
            stop(reader, "bad-namespace-prefix");
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
