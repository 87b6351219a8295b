/* SPDX-License-Identifier: MIT */
#include "bytes.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void *need(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

void put(struct bytes *bytes, const void *data, size_t size)
{
    if (bytes->room - bytes->size < size + 1) {
        /* Not realloc(), which leaves a copy behind. */
        const size_t room = (bytes->size + size + 32) * 2;
        char *larger = need(malloc(room));
        if (bytes->size > 0) {
            memcpy(larger, bytes->data, bytes->size);
            explicit_bzero(bytes->data, bytes->size);
        }
        free(bytes->data);
        bytes->data = larger;
        bytes->room = room;
    }
    if (size > 0)
        memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
    bytes->data[bytes->size] = '\0';
}

void put_text(struct bytes *bytes, const char *text)
{
    put(bytes, text, strlen(text));
}

void put_escaped(struct bytes *bytes, const char *text, size_t size)
{
    for (size_t i = 0; i < size; ++i) {
        switch (text[i]) {
        case '<': put_text(bytes, "&lt;"); break;
        case '>': put_text(bytes, "&gt;"); break;
        case '&': put_text(bytes, "&amp;"); break;
        case '\'': put_text(bytes, "&apos;"); break;
        case '"': put_text(bytes, "&quot;"); break;
        case '\r': put_text(bytes, "&#13;"); break;
        case '\n': put_text(bytes, "&#10;"); break;
        case '\t': put_text(bytes, "&#9;"); break;
        default: put(bytes, text + i, 1);
        }
    }
}

void put_escaped_text(struct bytes *bytes, const char *text, size_t size)
{
    for (size_t i = 0; i < size; ++i) {
        switch (text[i]) {
        case '<': put_text(bytes, "&lt;"); break;
        case '>': put_text(bytes, "&gt;"); break;
        case '&': put_text(bytes, "&amp;"); break;
        case '\r': put_text(bytes, "&#13;"); break;
        default: put(bytes, text + i, 1);
        }
    }
}

void put_attribute(struct bytes *bytes, const char *name, jabberd_view value)
{
    if (value.data == NULL)
        return;
    put_text(bytes, " ");
    put_text(bytes, name);
    put_text(bytes, "='");
    put_escaped(bytes, value.data, value.size);
    put_text(bytes, "'");
}

void drop_bytes(struct bytes *bytes)
{
    if (bytes->data != NULL)
        explicit_bzero(bytes->data, bytes->room);
    free(bytes->data);
    *bytes = (struct bytes){NULL, 0, 0};
}

jabberd_view view(const char *text)
{
    return (jabberd_view){text, text == NULL ? 0 : strlen(text)};
}

jabberd_view view_of(const struct bytes *bytes)
{
    return (jabberd_view){bytes->data == NULL ? "" : bytes->data, bytes->size};
}

bool is(jabberd_view v, const char *text)
{
    return v.data != NULL && v.size == strlen(text) && memcmp(v.data, text, v.size) == 0;
}

bool same_host(jabberd_view a, const char *b)
{
    return a.data != NULL && a.size == strlen(b) && strncasecmp(a.data, b, a.size) == 0;
}

/* user@host/resource: the resource begins at the first '/', the host behind the first '@' before it. */
static jabberd_view bare(jabberd_view address)
{
    const char *slash = address.size == 0 ? NULL : memchr(address.data, '/', address.size);
    if (slash != NULL)
        address.size = (size_t)(slash - address.data);
    return address;
}

jabberd_view user_of(jabberd_view address)
{
    const jabberd_view whole = bare(address);
    const char *at = whole.size == 0 ? NULL : memchr(whole.data, '@', whole.size);
    return (jabberd_view){whole.data, at == NULL ? 0 : (size_t)(at - whole.data)};
}

jabberd_view host_of(jabberd_view address)
{
    const jabberd_view whole = bare(address);
    const char *at = whole.size == 0 ? NULL : memchr(whole.data, '@', whole.size);
    return at == NULL ? whole : (jabberd_view){at + 1, whole.size - (size_t)(at + 1 - whole.data)};
}

char *copy_of(jabberd_view v)
{
    return v.data == NULL ? NULL : need(strndup(v.data, v.size));
}
