// SPDX-License-Identifier: LGPL-2.1-or-later
// Clients make us hold more than there is memory for them: whose connections have to give theirs up.
#pragma once

#include "connection/counters.h"
#include "connection/shared.h"
#include "net/socket_address.h"

#include <cstddef>

namespace jabberd::connection {

// Whoever holds most goes first: of all addresses the one with most, of its connections those with most. A bystander,
// who has begun a stanza just now, is nowhere near.
struct Relief {
    net::SocketAddress::Prefix address;
    std::size_t keep;        // bytes that the address may still hold
    std::size_t of_a_client; // who holds no more than this is left alone
    Tally Counters::*ended;  // counts who had to go
};

// After a client of that address has made us hold more: does nothing while there is memory enough, or while the owners
// are about to give some up.
void relieve(Shared &shared, const net::SocketAddress &from);

// There is less memory than clients may make us hold: the address with most gives a quarter of it up.
void relieve_once(Shared &shared);

} // namespace jabberd::connection
