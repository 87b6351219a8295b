/* SPDX-License-Identifier: MIT */
#include "stanza.h"

#include "reader.h"

#include <stdlib.h>
#include <string.h>

void stanza_free(struct stanza *stanza)
{
    if (stanza == NULL)
        return;
    drop_bytes(&stanza->text);
    drop_bytes(&stanza->body);
    while (stanza->owns > 0)
        free(stanza->own[--stanza->owns]);
    free(stanza);
}

jabberd_view stanza_own(struct stanza *stanza, const char *text)
{
    if (text == NULL)
        return view(NULL);
    if (stanza->owns == STANZA_OWN)
        abort();
    return view(stanza->own[stanza->owns++] = need(strdup(text)));
}

void put_packet(struct bytes *out, const jabberd_packet *packet)
{
    put_text(out, "<");
    put(out, packet->name.data, packet->name.size);
    put_attribute(out, "xmlns", packet->xmlns);
    put_attribute(out, "to", packet->to);
    put_attribute(out, "from", packet->from);
    put_attribute(out, "id", packet->id);
    put_attribute(out, "type", packet->type);
    put_attribute(out, "xml:lang", packet->lang);
    put_attribute(out, "sto", packet->sto);
    put_attribute(out, "sfrom", packet->sfrom);
    for (size_t i = 0; i < packet->attribute_count; ++i) {
        char *name = copy_of(packet->attributes[i].name);
        put_attribute(out, name, packet->attributes[i].value);
        free(name);
    }
    if (packet->body.size == 0)
        return put_text(out, "/>");
    put_text(out, ">");
    put(out, packet->body.data, packet->body.size);
    put_text(out, "</");
    put(out, packet->name.data, packet->name.size);
    put_text(out, ">");
}

struct stanza *stanza_read(const char *xml, size_t size)
{
    static const struct limits any = {SIZE_MAX, 1000000, 60, NULL};
    struct reader *reader = need(reader_new(USUAL_PRIMER, sizeof USUAL_PRIMER - 1));
    size_t used;
    struct stanza *stanza = NULL;
    if (reader_feed(reader, &any, xml, size, &used) == READ_STANZA && used == size)
        stanza = reader_take(reader);
    reader_free(reader);
    return stanza;
}

struct stanza *stanza_copy(const jabberd_packet *packet)
{
    struct bytes xml = {NULL, 0, 0};
    for (size_t i = 0; i < packet->attribute_count; ++i)
        if (packet->attributes[i].name.data == NULL)
            return NULL;
    put_packet(&xml, packet);
    struct stanza *stanza = stanza_read(xml.data, xml.size);
    drop_bytes(&xml);
    return stanza;
}
