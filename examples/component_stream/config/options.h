// SPDX-License-Identifier: LGPL-2.1-or-later
// What a <component-stream/> section says, with defaults and reasons.
#pragma once

#include "net/socket_address.h"
#include "tls/peer_tls.h"
#include "xml/stanza.h"

#include <jabberd/host.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jabberd::component_stream {

inline constexpr char options_namespace[] = "jabber:config:component-stream";

enum class Role : std::uint8_t { Accept, Connect };

enum class Dialect : std::uint8_t {
    Component, // XEP-0114
    Session,   // jabberd 1.1: <root> and jabberd:sockets, packets with sto and sfrom
    Route,     // jabberd 1.2 to 1.6: XEP-0114's handshake, then <route/>
};

// One <accept/> or <connect/>.
struct EndpointOptions {
    Role role = Role::Accept;
    net::SocketAddress address;
    std::string secret;
    std::vector<std::string> hosts; // names that the peer answers for
    Dialect dialect = Dialect::Component;
    bool sessions = false;  // packets with sto and sfrom pass
    bool trusted = false;   // the peer may write any `from`
    bool all_names = false; // one stream has all hosts, not only the one in its header
    std::string greeting;   // `to` of the header that we send; the first host unless it says otherwise

    // What we send is from one of these, or from any where there are none: a server that a component writes to from
    // another name ends its stream (XEP-0114 §4).
    std::vector<std::string> senders;

    std::chrono::seconds keepalive{60}; // of silence of ours before white space; a peer that is gone shows by it
    std::chrono::seconds authtime{10};  // from connect to handshake: it is a program, no person types
    std::uint32_t queue = 1048576;      // bytes that wait for the peer before who sends them is held back
    xml::Limits stanza{.bytes = 262144, .elements = 10000, .attributes = 64, .depth = 64, .name_bytes = 1024};

    std::shared_ptr<const tls::PeerTls> tls; // null: in the clear
    unsigned line = 0;

    std::string key() const; // "accept 127.0.0.1:5347": which endpoint this is, over a reload and a swap
};

struct Options {
    std::vector<std::shared_ptr<const EndpointOptions>> endpoints; // at least one
};

// Nothing after reporting, with its line, every mistake there is. [main]
std::optional<Options> read_options(const jabberd_host &host, const jabberd_config &service);

} // namespace jabberd::component_stream
