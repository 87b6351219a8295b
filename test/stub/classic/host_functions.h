// SPDX-License-Identifier: LGPL-2.1-or-later
// What the functions of every flavour do; exports_c.cpp and exports_cxx.cpp give them their names.
#pragma once

#include "delivery.h"

#include <cstdarg>
#include <cstddef>

namespace stub::host {

dpacket_struct *dpacket_new(Node *x);
void deliver(dpacket_struct *packet);
void deliver_fail(dpacket_struct *packet, const char *reason);
void register_phandler(instance_struct *instance, order when, phandler function, void *argument);
void register_beat(int frequency, beathandler function, void *argument);
void register_shutdown(void (*function)(void *), void *argument);
void pool_cleanup(pool_struct *pool, void (*function)(void *), void *argument);
void pool_free(pool_struct *pool);
Node *xmlnode_str(const char *text, int size);
void xmlnode_free(Node *node);
void log(const char *level, const char *host, const char *format, std::va_list arguments);

// 1.6: a list owns memory from its construction on, and its destructor is not exported.
void count_namespace_list();

// For the host itself.
std::size_t namespace_lists_leaked(); // beyond the one that a component may keep
void run_shutdown_functions();
void start_heartbeat();

} // namespace stub::host
