// SPDX-License-Identifier: LGPL-2.1-or-later
// The PROXY protocol, as its sender speaks it (HAProxy's proxy-protocol.txt, versions 1 and 2).
#pragma once

#include "net/socket_address.h"

#include <optional>
#include <string>

namespace jabberd::upstream {

// What is written before anything else. `client`: nothing where it is not known (UNKNOWN, LOCAL). `server`: the address
// that was dialled; of another family than the client's, it is said to be the unspecified one of that family.
std::string proxy_header_v1(const std::optional<net::SocketAddress> &client, const net::SocketAddress &server);
std::string proxy_header_v2(const std::optional<net::SocketAddress> &client, const net::SocketAddress &server);

} // namespace jabberd::upstream
