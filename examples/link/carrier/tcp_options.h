// SPDX-License-Identifier: LGPL-2.1-or-later
// Between which processes there are connections.
#pragma once

#include "net/socket_address.h"
#include "tls/peer_tls.h"

#include <optional>
#include <string>
#include <vector>

namespace jabberd::link {

struct TcpPeer {
    std::string name;
    net::SocketAddress address;
};

struct TcpOptions {
    std::vector<net::SocketAddress> listen;
    std::string secret;
    std::vector<TcpPeer> peers;
    std::optional<tls::PeerTlsOptions> tls;
};

} // namespace jabberd::link
