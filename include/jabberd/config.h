/* SPDX-License-Identifier: MIT */
/* A jabberd configuration as a component sees it: borrowed elements that know their file and line. */
#ifndef JABBERD_CONFIG_H
#define JABBERD_CONFIG_H

#include <jabberd/abi.h>

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct jabberd_config_attribute {
    const char *name; /* "port"; of one in a namespace with its prefix, "xml:lang" */
    const char *value;
} jabberd_config_attribute;

/* One element. All pointers are borrowed for the call that received it; strings are UTF-8 and terminated. */
typedef struct jabberd_config {
    size_t size;
    const char *name;  /* local name */
    const char *xmlns; /* "" when the element is in no namespace */
    const char *text;  /* the text directly inside, leading and trailing white space removed; "" when there is none */
    const char *file;  /* where it was read, after <include/>s, ready for an error message */
    unsigned line;
    const jabberd_config_attribute *attributes;
    size_t attribute_count;
    const struct jabberd_config *first_child; /* NULL: none */
    const struct jabberd_config *next;        /* the next element of the same parent; NULL: last */
} jabberd_config;

/* [any-thread & none] The value of an attribute, NULL when there is none. Borrowed from `element`. */
static inline const char *jabberd_config_attribute_value(const jabberd_config *element, const char *name)
{
    for (size_t i = 0; i < element->attribute_count; ++i)
        if (strcmp(element->attributes[i].name, name) == 0)
            return element->attributes[i].value;
    return NULL;
}

/* [any-thread & none] The first child of that name in any namespace, NULL when there is none. Borrowed from `parent`.
 */
static inline const jabberd_config *jabberd_config_child(const jabberd_config *parent, const char *name)
{
    const jabberd_config *child = parent->first_child;
    while (child != NULL && strcmp(child->name, name) != 0)
        child = child->next;
    return child;
}

/* A component's own section: the first child of <service/> in that namespace, whatever its name, as jabberd's
 * xdb_get(…, "config@-internal", xmlns) found it. NULL when there is none. [any-thread] Borrowed from `service`. */
static inline const jabberd_config *jabberd_config_section(const jabberd_config *service, const char *xmlns)
{
    const jabberd_config *child = service->first_child;
    while (child != NULL && strcmp(child->xmlns, xmlns) != 0)
        child = child->next;
    return child;
}

#ifdef __cplusplus
}
#endif

#endif
