// SPDX-License-Identifier: LGPL-2.1-or-later
// Memory as jabberd has it: a packet is one pool, and dies as one. Every pool that lives is known, and those that died
// lately are kept, filled with a pattern, so that who still uses them is found out.
#pragma once

#include "abi.h"

#include <cstddef>
#include <string_view>

namespace stub {

enum class Kind {
    Packet, // somebody has to free it
    Lasting // of an instance, a configuration: as long as the host, if need be
};
enum class Owner { Host, Component };

pool_struct *new_pool(Kind kind, Owner owner = Owner::Host);
void *allocate(pool_struct *pool, std::size_t size); // zeroed
char *copy(pool_struct *pool, std::string_view text);
void on_cleanup(pool_struct *pool, void (*function)(void *), void *argument); // called last in, first out
void free_pool(pool_struct *pool);                                            // runs what on_cleanup() was told
int size_of(pool_struct *pool);

bool is_live(const pool_struct *pool);
Owner owner(const pool_struct *pool);
void give_to(pool_struct *pool, Owner owner);

// Aborts, naming `function`, when the pool or the node's pool is not alive.
void check(const pool_struct *pool, const char *function);
void check(const xmlnode_t *node, const char *function);

// The same for something that the component is about to free or give away: it must be the component's, too.
void check_owned(const pool_struct *pool, const char *function);

std::size_t packets_of_the_component(); // that live
void print_packets_of_the_component();
void free_all_pools(); // at the end; nothing is cleaned up then

} // namespace stub
