// SPDX-License-Identifier: LGPL-2.1-or-later
// A PROXY header on its way in.
#pragma once

#include "net/proxy_header.h"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace jabberd::net {

// Takes the header from a socket, and no byte behind it: what follows is for the next layer, and OpenSSL reads the
// descriptor by itself.
class ProxyHeaderReader {
public:
    // From whom the socket is; and what a predecessor has taken of the header.
    explicit ProxyHeaderReader(const SocketAddress &peer, std::string begun = {})
        : peer_(peer), begun_(std::move(begun))
    {
    }

    enum class Waiting { ForHeader, ForClient };
    enum class Gone { WithoutAWord, InTheHeader };
    using Result = std::variant<Waiting, ProxyHeader, ProxyHeaderFault, Gone>;

    // As far as the socket's bytes go; never blocks. A header that names the peer itself names no client: so do those
    // of HAProxy's health checks, in version 1. Whose header names none is waiting until a byte follows: a proxy that
    // only looks whether there is a server, and goes, is no client.
    Result read(int fd);

    // All that was taken so far. Complete: only the client's first byte is missing.
    const std::string &begun() const { return begun_; }
    bool complete() const;

private:
    ParsedProxyHeader parse(std::string_view bytes) const;

    SocketAddress peer_;
    std::string begun_;
};

} // namespace jabberd::net
