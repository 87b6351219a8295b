// SPDX-License-Identifier: LGPL-2.1-or-later
// What an <upstream/> section says, with defaults and reasons.
#pragma once

#include "net/socket_address.h"
#include "net/token_bucket.h"
#include "tls/peer_tls.h"
#include "xml/stanza.h"

#include <jabberd/host.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace jabberd::upstream {

inline constexpr char options_namespace[] = "jabber:config:upstream";

struct UnixSocket {
    std::string path;

    friend bool operator==(const UnixSocket &, const UnixSocket &) = default;
};

enum class ProxyProtocol : std::uint8_t { No, V1, V2 };

struct Options {
    std::vector<std::string> hosts; // those of the service: the server's names
    std::variant<net::SocketAddress, UnixSocket> server;
    ProxyProtocol proxy = ProxyProtocol::No;
    std::shared_ptr<const tls::PeerTls> tls; // null: in the clear
    std::vector<net::SocketAddress>
        local; // addresses of ours that are dialled from, in turn; none: the kernel's choice

    // A server that has just begun is not to be flooded by all its clients at once.
    net::Rate logins{.per_second = 100, .burst = 200};

    std::chrono::seconds patience{15};   // for a server that is away, or silent before the login
    xml::Limits stanza{.bytes = 4194304, // a server may let pass what it would not take
                       .elements = 100000,
                       .attributes = 1000,
                       .depth = 256,
                       .name_bytes = 10000};
    std::string see_other_host;  // where new clients go while the server is away; "": they are told that it is
    std::size_t queue = 4194304; // bytes of one client that the server has not taken: it may slow its clients down

    std::string server_name() const; // for people: "127.0.0.1:5222", "/run/prosody/c2s"
};

// Nothing after reporting, with its line, every mistake there is. [main]
std::optional<Options> read_options(const jabberd_host &host, const jabberd_config &service);

} // namespace jabberd::upstream
