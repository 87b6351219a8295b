/* SPDX-License-Identifier: MIT */
/* A packet: what the host routes. Its start tag as fields, the rest as bytes. */
#ifndef JABBERD_PACKET_H
#define JABBERD_PACKET_H

#include <jabberd/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An attribute that has no field of its own. `name` is as written, with its prefix (`xml:space`, `x:y`); a prefix other
 * than xml is declared by an attribute of the same packet whose name is `xmlns:` and the prefix. `value` is plain text,
 * not escaped. */
typedef struct jabberd_attribute {
    jabberd_view name;
    jabberd_view value;
} jabberd_attribute;

/* clang-format off */
/* All views are borrowed. Every field but `body` is plain text: the code that writes the packet out as XML escapes it.
 *
 *   <message to='bob@foo.com' from='ann@foo.com/r' type='chat' sto='bob@foo.com/r' sfrom='7@c2s/1'><body>hi</body></message>
 *    ^name   ^to              ^from                ^type       ^sto                ^sfrom          ^body
 *
 * Adding sto and sfrom, stamping `from`, turning a packet into an error, hiding the old type on a 510: all of these are
 * assignments to fields of a copy of this struct.
 *
 * `body` is the packet's children as canonical XML: UTF-8, well-formed by itself, no comment, processing instruction,
 * CDATA section or DOCTYPE, only the five predefined entities and character references; children of the packet's own
 * namespace carry no xmlns, any other child declares its namespace on itself with xmlns='…'. So a body can be copied
 * into any packet as it is. A component that composes bodies must keep to this; a host or component may refuse a packet
 * that does not.
 *
 * sto and sfrom are the session routing attributes: no client ever sees them. A packet with sto is routed by the host
 * part of sto, any other by the host part of to. */
/* clang-format on */
typedef struct jabberd_packet {
    size_t size;
    jabberd_view name;  /* local name: message, presence, iq; never empty */
    jabberd_view xmlns; /* namespace name; absent: the stream's content namespace, jabber:client */
    jabberd_view to;
    jabberd_view from;
    jabberd_view id;
    jabberd_view type;
    jabberd_view lang; /* xml:lang */
    jabberd_view sto;
    jabberd_view sfrom;
    const jabberd_attribute *attributes; /* the others; NULL when there are none */
    size_t attribute_count;
    jabberd_view body; /* absent or empty: no children */
} jabberd_packet;

/* What a handler answers, and what the host makes of it. */
typedef enum jabberd_result {
    JABBERD_PASS = 0, /* not mine: the next handler is asked; after the last one the packet is returned to its sender */
    JABBERD_DONE = 1, /* taken */
    JABBERD_ERROR = 2,     /* mine, but impossible: returned to its sender, "Server Delivery Error" */
    JABBERD_CONGESTED = 3, /* taken; please send no more until the component calls host->ready() */
} jabberd_result;

/* When a handler is asked: all handlers of an earlier order before any of a later one, those of one order as they were
 * registered. (The orders of jabberd's register_phandler.) */
typedef enum jabberd_order {
    JABBERD_PRECOND = 0,    /* may see and swallow everything: xdb results, traces */
    JABBERD_COND = 1,       /* decides whether the rest of the service sees the packet at all */
    JABBERD_PREDELIVER = 2, /* filters */
    JABBERD_DELIVER = 3,    /* the service itself */
} jabberd_order;

/* A handler. [deliverer & running, stopped] `packet` and all it points to is borrowed. It may call host->deliver(), and
 * through it be called again before it returns: hold no lock across deliver(). */
typedef jabberd_result (*jabberd_handler)(void *data, const jabberd_packet *packet);

#ifdef __cplusplus
}
#endif

#endif
