// SPDX-License-Identifier: LGPL-2.1-or-later
// What a component of the classic jabberd shares with its host: names, enumerations and layouts, as measured on x86-64.
// STUB_FLAVOUR says whose: 101 is 1.1.2, 104 is 1.4.4, 106 is 1.6.1.1, 107 the 1.6 of 2019.
#pragma once

#include <cstddef>

namespace stub {
inline constexpr int flavour = STUB_FLAVOUR;
inline constexpr bool has_routes = flavour >= 104;     // <route/> instead of sto and sfrom; queues; shutdown hooks
inline constexpr bool has_namespaces = flavour >= 106; // and functions with C++ names
} // namespace stub

// The types stand outside of any namespace, as the mangled names of 1.6 have them.
enum ptype { p_NONE, p_NORM, p_XDB, p_LOG, p_ROUTE };
enum order { o_PRECOND, o_COND, o_PREDELIVER, o_DELIVER };
enum result { r_UNREG, r_NONE, r_PASS, r_LAST, r_ERR, r_DONE };
enum { NTYPE_TAG, NTYPE_ATTRIB, NTYPE_CDATA };
enum { JID_RESOURCE = 1, JID_USER = 2, JID_SERVER = 4 };

struct pool_struct {
    int size;
    void *cleanup;
    void *heap;
};
static_assert(sizeof(pool_struct) == 24);

struct jid_struct {
    pool_struct *p;
    char *resource, *user, *server, *full;
    jid_struct *next;
};
static_assert(offsetof(jid_struct, resource) == 8 && offsetof(jid_struct, user) == 16);
static_assert(offsetof(jid_struct, server) == 24 && offsetof(jid_struct, full) == 32 && sizeof(jid_struct) == 48);

struct xmlnode_t {
    char *name;
#if STUB_FLAVOUR >= 106
    char *prefix;
    char *ns_iri;
#endif
    unsigned short type;
    char *data;
    int data_sz;
    int complete; // of 1.1 only; padding later
    pool_struct *p;
    xmlnode_t *parent, *firstchild, *lastchild, *prev, *next, *firstattrib, *lastattrib;
};
#if STUB_FLAVOUR >= 106
static_assert(offsetof(xmlnode_t, ns_iri) == 16 && offsetof(xmlnode_t, type) == 24 && offsetof(xmlnode_t, data) == 32);
static_assert(offsetof(xmlnode_t, p) == 48 && offsetof(xmlnode_t, firstchild) == 64 && sizeof(xmlnode_t) == 112);
#else
static_assert(offsetof(xmlnode_t, type) == 8 && offsetof(xmlnode_t, data) == 16 && offsetof(xmlnode_t, data_sz) == 24);
static_assert(offsetof(xmlnode_t, complete) == 28 && offsetof(xmlnode_t, p) == 32 && offsetof(xmlnode_t, parent) == 40);
static_assert(offsetof(xmlnode_t, firstchild) == 48 && offsetof(xmlnode_t, next) == 72);
static_assert(offsetof(xmlnode_t, lastattrib) == 88 && sizeof(xmlnode_t) == 96);
#endif

struct dpacket_struct {
    char *host;
    jid_struct *id; // opaque in 107
#if STUB_FLAVOUR == 107
    void *from_jid, *to_jid;
#endif
    ptype type;
    pool_struct *p;
    xmlnode_t *x;
};
#if STUB_FLAVOUR == 107
static_assert(offsetof(dpacket_struct, from_jid) == 16 && offsetof(dpacket_struct, type) == 32);
static_assert(offsetof(dpacket_struct, p) == 40 && offsetof(dpacket_struct, x) == 48 && sizeof(dpacket_struct) == 56);
#else
static_assert(offsetof(dpacket_struct, id) == 8 && offsetof(dpacket_struct, type) == 16);
static_assert(offsetof(dpacket_struct, p) == 24 && offsetof(dpacket_struct, x) == 32 && sizeof(dpacket_struct) == 40);
#endif

struct instance_struct {
    char *id;
    pool_struct *p;
    xmlnode_t *x; // its section of the configuration
    ptype type;
    void *hds; // our stub::Instance
    int flag_used;
};
static_assert(offsetof(instance_struct, p) == 8 && offsetof(instance_struct, x) == 16);
static_assert(offsetof(instance_struct, type) == 24 && offsetof(instance_struct, hds) == 32);
static_assert(sizeof(instance_struct) == 48);

struct xdbcache_struct;

using phandler = result (*)(instance_struct *, dpacket_struct *, void *);
using beathandler = result (*)(void *);
