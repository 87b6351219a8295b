// SPDX-License-Identifier: LGPL-2.1-or-later
// The functions of jabberd 1.1 and 1.4 that packets, logs and the host itself are made of, under their C names.
#include "host_functions.h"

#include "address.h"
#include "strict.h"

#include <cstdio>
#include <cstring>
#include <string>

using stub::enter;
using stub::Node;

extern "C" {

Node *greymatter__ = nullptr;
int debug_flag = 0;

dpacket_struct *dpacket_new(Node *x)
{
    return stub::host::dpacket_new(x);
}

dpacket_struct *dpacket_copy(dpacket_struct *packet)
{
    enter("dpacket_copy");
    stub::check(packet->p, "dpacket_copy");
    return stub::new_packet(stub::copy_tree(stub::new_pool(stub::Kind::Packet, stub::Owner::Component), packet->x));
}

void deliver(dpacket_struct *packet, instance_struct *)
{
    stub::host::deliver(packet);
}

void deliver_fail(dpacket_struct *packet, char *reason)
{
    stub::host::deliver_fail(packet, reason);
}

void register_phandler(instance_struct *instance, order when, phandler function, void *argument)
{
    stub::host::register_phandler(instance, when, function, argument);
}

void register_beat(int frequency, beathandler function, void *argument)
{
    stub::host::register_beat(frequency, function, argument);
}

void register_shutdown(void (*function)(void *), void *argument) // not in 1.1
{
    stub::host::register_shutdown(function, argument);
}

xdbcache_struct *xdb_cache(instance_struct *instance)
{
    enter("xdb_cache");
    return reinterpret_cast<xdbcache_struct *>(instance); // nobody looks into it
}

// Answers for the configuration alone, as both do before there is a database.
static Node *configuration(xdbcache_struct *cache, const jid_struct *owner, const char *xmlns)
{
    enter("xdb_get");
    if (cache == nullptr || owner == nullptr || owner->user == nullptr || std::strcmp(owner->user, "config") != 0 ||
        std::strcmp(owner->server, "-internal") != 0)
        return nullptr;
    const auto *instance = reinterpret_cast<instance_struct *>(cache);
    for (const Node *found = instance->x->firstchild; found != nullptr; found = found->next)
        if (found->type == NTYPE_TAG && xmlns != nullptr && std::strcmp(stub::xmlns_of(found), xmlns) == 0)
            return stub::copy_tree(stub::new_pool(stub::Kind::Lasting, stub::Owner::Component), found);
    return nullptr;
}

#if STUB_FLAVOUR == 101
Node *xdb_get(xdbcache_struct *cache, char *host, jid_struct *owner, char *xmlns)
{
    return host == nullptr ? configuration(cache, owner, xmlns) : nullptr;
}
#else
Node *xdb_get(xdbcache_struct *cache, jid_struct *owner, const char *xmlns)
{
    return configuration(cache, owner, xmlns);
}
#endif

jid_struct *jid_new(pool_struct *pool, char *text)
{
    enter("jid_new");
    stub::check(pool, "jid_new");
    const auto address = stub::read_address(text);
    if (!address)
        return nullptr;
    auto *jid = static_cast<jid_struct *>(stub::allocate(pool, sizeof(jid_struct)));
    jid->p = pool;
    jid->resource = address->resource.empty() ? nullptr : stub::copy(pool, address->resource);
    jid->user = address->user.empty() ? nullptr : stub::copy(pool, address->user);
    jid->server = stub::copy(pool, address->server);
    return jid;
}

char *jid_full(jid_struct *jid)
{
    enter("jid_full");
    stub::Address address;
    address.user = jid->user == nullptr ? "" : jid->user;
    address.server = jid->server == nullptr ? "" : jid->server;
    address.resource = jid->resource == nullptr ? "" : jid->resource;
    return jid->full = stub::copy(jid->p, address.full());
}

int j_strcmp(const char *one, const char *other)
{
    return one == nullptr || other == nullptr ? -1 : std::strcmp(one, other);
}

void log_notice(char *host, const char *format, ...)
{
    enter("log_notice");
    std::va_list arguments;
    va_start(arguments, format);
    stub::host::log("notice", host, format, arguments);
    va_end(arguments);
}

void log_warn(char *host, const char *format, ...)
{
    enter("log_warn");
    std::va_list arguments;
    va_start(arguments, format);
    stub::host::log("warn", host, format, arguments);
    va_end(arguments);
}

void log_alert(char *host, const char *format, ...)
{
    enter("log_alert");
    std::va_list arguments;
    va_start(arguments, format);
    stub::host::log("alert", host, format, arguments);
    va_end(arguments);
}

void log_record(char *id, char *type, char *action, const char *format, ...) // not in 1.1
{
    enter("log_record");
    std::va_list arguments;
    va_start(arguments, format);
    stub::host::log("record", (std::string{id} + " " + type + " " + action).c_str(), format, arguments);
    va_end(arguments);
}

void debug_log(char *zone, const char *format, ...)
{
    enter("debug_log");
    if (debug_flag == 0)
        return;
    std::va_list arguments;
    va_start(arguments, format);
    char text[512];
    std::vsnprintf(text, sizeof text, format, arguments);
    std::fprintf(stderr, "debug %s: %s\n", zone, text);
    va_end(arguments);
}

} // extern "C"
