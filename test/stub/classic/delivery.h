// SPDX-License-Identifier: LGPL-2.1-or-later
// The router: whose packet it is, and what becomes of it when nobody takes it.
#pragma once

#include "node.h"
#include "pool.h"

#include <string>
#include <vector>

namespace stub {

// A section of the configuration, once its pass has come. `hosts` are its addresses; "" is what nobody else has.
instance_struct *add_instance(Node *section, const std::string &id, const std::vector<std::string> &hosts);

// `whose` the function is: what a component's handler is given is the component's, if it says so.
void add_handler(instance_struct *instance, order when, phandler function, void *argument, Owner whose);

// In the pool of x. Null: it has no destination that can be read; x stays as it was.
dpacket_struct *new_packet(Node *x);

// Both eat the packet, and may call handlers before they return.
void deliver(dpacket_struct *packet);
void bounce(dpacket_struct *packet, const char *reason);

// Reads, and delivers. False, with a line on standard error, when it has no destination.
bool deliver_text(const std::string &xml);
bool deliver_node(Node *x);

// From 1.4 on packets wait at first, and are lost in the end. 1.1 knows neither.
void enable_delivery();
void disable_delivery();

// Frees what an instance has, which runs the cleanups of its pool.
void free_instances();

void print_log(const char *level, const char *host, const char *text);

} // namespace stub
