// SPDX-License-Identifier: LGPL-2.1-or-later
// The PROXY header (HAProxy's proxy-protocol.txt, versions 1 and 2): by it a proxy says whose connection it forwards.
#pragma once

#include "net/socket_address.h"

#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>

namespace jabberd::net {

struct ProxyHeader {
    // Nothing: the TCP peer's own address counts. The connection is the proxy's own (LOCAL, its health checks), or the
    // header has no address of TCP over IP (UNKNOWN, UNSPEC, AF_UNIX, datagrams).
    std::optional<SocketAddress> client;
    std::size_t bytes = 0; // of the header; what is behind it is the client's
};

struct IncompleteProxyHeader {};

// Why it is none. A text that lives as long as the program.
struct ProxyHeaderFault {
    std::string_view reason;
};

// A longer one is refused. Version 2 allows 64 KB of extensions (TLVs), of which proxies send some hundred bytes.
inline constexpr std::size_t max_proxy_header = 4096;

using ParsedProxyHeader = std::variant<IncompleteProxyHeader, ProxyHeader, ProxyHeaderFault>;

// By what `bytes` begin with: the version is told by the first of them. Extensions are passed over, but for the
// checksum, which is compared. What is a fault, or a header, is so whatever follows.
ParsedProxyHeader parse_proxy_header(std::string_view bytes);

// Whether they begin like one of either version.
bool begins_proxy_header(std::string_view bytes);

} // namespace jabberd::net
