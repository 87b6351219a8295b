/* SPDX-License-Identifier: MIT */
/* Growing bytes, and XML's escapes. Memory that runs out ends the process, as it does in most hosts. */
#ifndef PLAIN_BYTES_H
#define PLAIN_BYTES_H

#include <jabberd/abi.h>

struct bytes {
    char *data;
    size_t size, room;
};

void *need(void *memory); /* aborts when it is NULL */

void put(struct bytes *bytes, const void *data, size_t size);
void put_text(struct bytes *bytes, const char *text);
void put_escaped(struct bytes *bytes, const char *text, size_t size);
void put_escaped_text(struct bytes *bytes, const char *text, size_t size);     /* between tags, where less is special */
void put_attribute(struct bytes *bytes, const char *name, jabberd_view value); /* nothing where it is absent */
void drop_bytes(struct bytes *bytes);                                          /* wipes them: they hold passwords */

jabberd_view view(const char *text); /* NULL: absent */
jabberd_view view_of(const struct bytes *bytes);
bool is(jabberd_view v, const char *text);
bool same_host(jabberd_view a, const char *b); /* ASCII case apart */
jabberd_view user_of(jabberd_view address);
jabberd_view host_of(jabberd_view address);
char *copy_of(jabberd_view v); /* terminated; NULL when absent */

#endif
