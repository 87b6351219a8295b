// SPDX-License-Identifier: LGPL-2.1-or-later
// What `jabberd-ctl sessions` and metrics show of a connection, or of a session that has none now.
#pragma once

#include "base/clock.h"
#include "net/socket_address.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace jabberd::connection {

struct Status {
    std::string_view address, sto;
    const net::SocketAddress &from;
    bool authenticated;
    Time since, last_read;
    std::uint64_t bytes_in, bytes_out, stanzas_in, stanzas_out;
    std::size_t queued;
    std::string security;
    std::optional<Time> detached; // since when its client is gone
};

// What is counted of all connections: no more of each than costs nothing.
struct Census {
    bool authenticated, tls, websocket;
    std::size_t queued;
};

} // namespace jabberd::connection
