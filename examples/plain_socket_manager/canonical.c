/* SPDX-License-Identifier: MIT */
/* Start tags, as libxml2 reports them, in canonical form. */
#include "reading.h"

#include <stdlib.h>
#include <string.h>

static const char ns_client[] = "jabber:client";

size_t name_length(const xmlChar *text)
{
    return text == NULL ? 0 : strlen((const char *)text);
}

bool is_same(const xmlChar *a, const char *b)
{
    return a != NULL && strcmp((const char *)a, b) == 0;
}

static jabberd_view value_of(const xmlChar **attribute)
{
    return (jabberd_view){(const char *)attribute[3], (size_t)(attribute[4] - attribute[3])};
}

void canonical_header(struct reader *reader, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                      int declared, const xmlChar **declarations, int count, const xmlChar **attributes)
{
    struct header *header = &reader->header;
    header->is_stream = is_same(name, "stream") && is_same(uri, NS_STREAMS);
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
        if (of == NULL && is_same(to, ns_client))
            header->is_client = true;
    }
    put_text(&header->primer, ">");
    for (int i = 0; i < count; ++i, attributes += 5) {
        struct bytes *field = NULL;
        if (attributes[1] == NULL && is_same(attributes[0], "to"))
            field = &header->to;
        else if (attributes[1] == NULL && is_same(attributes[0], "version"))
            field = &header->version;
        else if (is_same(attributes[1], "xml") && is_same(attributes[0], "lang"))
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
        return reader_stop(reader, "policy-violation");
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

void canonical_stanza(struct reader *reader, const xmlChar *name, const xmlChar *uri, int count,
                      const xmlChar **attributes)
{
    struct stanza *stanza = reader->stanza = need(calloc(1, sizeof *stanza));
    jabberd_packet *packet = &stanza->packet;
    packet->size = sizeof *packet;
    packet->name = keep(stanza, name, strlen((const char *)name));
    if (!is_same(uri, ns_client))
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
        const bool is_xml = is_same(attribute[1], "xml");
        jabberd_view *field = is_xml && is_same(attribute[0], "lang") ? &packet->lang : NULL;
        for (size_t f = 0; attribute[1] == NULL && f < sizeof fields / sizeof fields[0]; ++f)
            if (is_same(attribute[0], fields[f].name))
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

void canonical_close_tag(struct reader *reader)
{
    if (reader->in_start_tag)
        put_text(&reader->stanza->body, ">");
    reader->in_start_tag = false;
}

void put_name(struct bytes *out, const xmlChar *prefix, const xmlChar *name, const char *before)
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
    put_escaped(out, (const char *)uri, name_length(uri));
    put_text(out, "'");
}

/* What a child is called decides what a stanza is, before login and when it is a 510. */
static void look_at_child(struct stanza *stanza, const xmlChar *name, const xmlChar *uri, int count,
                          const xmlChar **attributes)
{
    ++stanza->children;
    stanza->query = NO_QUERY;
    if (is_same(name, "query"))
        stanza->query = is_same(uri, "jabber:iq:auth")       ? AUTH
                        : is_same(uri, "jabber:iq:register") ? REGISTER
                                                             : NO_QUERY;
    for (int i = 0; is_same(name, "error") && i < count; ++i)
        if (attributes[5 * i + 1] == NULL && is_same(attributes[5 * i], "code") &&
            is(value_of(attributes + 5 * i), "510"))
            stanza->is_510 = true;
}

void canonical_child(struct reader *reader, const xmlChar *name, const xmlChar *uri, int declared,
                     const xmlChar **declarations, int count, const xmlChar **attributes)
{
    struct bytes *out = &reader->stanza->body;
    if (reader->depth == 2)
        look_at_child(reader->stanza, name, uri, count, attributes);
    canonical_close_tag(reader);
    put_name(out, NULL, name, "<");
    const xmlChar *outer = reader->open[reader->depth - 1].xmlns;
    if (uri != outer && (uri == NULL || outer == NULL || strcmp((const char *)uri, (const char *)outer) != 0))
        put_attribute(out, "xmlns", view(uri == NULL ? "" : (const char *)uri));
    for (int i = 0; i < declared; ++i)
        if (declarations[2 * i] != NULL)
            put_declaration(out, declarations[2 * i], declarations[2 * i + 1]);
    const char *sid = is_same(name, "digest") ? reader->limits->digest_sid : NULL;
    for (int i = 0; i < count; ++i) {
        const xmlChar **attribute = attributes + 5 * i;
        bool known =
            attribute[1] == NULL || is_same(attribute[1], "xml") || declared_before(attributes, i, attribute[1]);
        for (int d = 0; d < declared; ++d)
            known |= declarations[2 * d] == attribute[1];
        if (!known)
            put_declaration(out, attribute[1], attribute[2]);
        if (sid != NULL && attribute[1] == NULL && is_same(attribute[0], "sid"))
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

void canonical_finish(struct reader *reader)
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
