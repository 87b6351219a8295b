// SPDX-License-Identifier: LGPL-2.1-or-later
// The functions of jabberd 1.6, as C++: the compiler makes their names.
#include "host_functions.h"

#include "strict.h"

#include <list>
#include <string>
#include <utility>

xmlnode_t *greymatter__ = nullptr;
int debug_flag = 0;

namespace xmppd {

class ns_decl_list : private std::list<std::pair<std::string, std::string>> {
public:
    ns_decl_list();
};
static_assert(sizeof(ns_decl_list) == 24);

ns_decl_list::ns_decl_list()
{
    stub::enter("ns_decl_list");
    emplace_back("xml", "http://www.w3.org/XML/1998/namespace");
    emplace_back("xmlns", "http://www.w3.org/2000/xmlns/");
    stub::host::count_namespace_list();
}

} // namespace xmppd

dpacket_struct *dpacket_new(xmlnode_t *x)
{
    return stub::host::dpacket_new(x);
}

void deliver(dpacket_struct *packet, instance_struct *)
{
    stub::host::deliver(packet);
}

void deliver_fail(dpacket_struct *packet, const char *reason)
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

void register_shutdown(void (*function)(void *), void *argument)
{
    stub::host::register_shutdown(function, argument);
}

void pool_cleanup(pool_struct *pool, void (*function)(void *), void *argument)
{
    stub::host::pool_cleanup(pool, function, argument);
}

void pool_free(pool_struct *pool)
{
    stub::host::pool_free(pool);
}

xmlnode_t *xmlnode_str(const char *text, int size)
{
    return stub::host::xmlnode_str(text, size);
}

void xmlnode_free(xmlnode_t *node)
{
    stub::host::xmlnode_free(node);
}

const char *xmlnode_get_attrib_ns(xmlnode_t *node, const char *name, const char *xmlns)
{
    stub::enter("xmlnode_get_attrib_ns");
    if (node == nullptr || name == nullptr)
        return nullptr;
    stub::check(node, "xmlnode_get_attrib_ns");
    return stub::attribute(node, name, xmlns);
}

char *xmlnode_serialize_string(const xmlnode_t *node, const xmppd::ns_decl_list &, int type)
{
    stub::enter("xmlnode_serialize_string");
    if (node == nullptr)
        return nullptr;
    stub::check(node, "xmlnode_serialize_string");
    return stub::copy(node->p, stub::to_string(node, type == 1));
}

void log_notice(const char *host, const char *format, ...)
{
    stub::enter("log_notice");
    std::va_list arguments;
    va_start(arguments, format);
    stub::host::log("notice", host, format, arguments);
    va_end(arguments);
}

void log_warn(const char *host, const char *format, ...)
{
    stub::enter("log_warn");
    std::va_list arguments;
    va_start(arguments, format);
    stub::host::log("warn", host, format, arguments);
    va_end(arguments);
}

void log_alert(const char *host, const char *format, ...)
{
    stub::enter("log_alert");
    std::va_list arguments;
    va_start(arguments, format);
    stub::host::log("alert", host, format, arguments);
    va_end(arguments);
}

void log_record(const char *id, const char *type, const char *action, const char *format, ...)
{
    stub::enter("log_record");
    std::va_list arguments;
    va_start(arguments, format);
    stub::host::log("record", (std::string{id} + " " + type + " " + action).c_str(), format, arguments);
    va_end(arguments);
}
