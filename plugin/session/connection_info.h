// SPDX-License-Identifier: LGPL-2.1-or-later
// What a session manager is told of a connection (include/jabberd/session.h, "Connection").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::session {

struct ConnectionInfo {
    struct ChannelBinding {
        std::string_view type; // as IANA names it: tls-exporter
        std::string data;      // raw
    };
    struct Tls {
        std::string version, cipher;
        std::vector<ChannelBinding> channel_bindings;
    };

    std::string address; // without port
    std::uint16_t port = 0;
    bool plain = false; // the operator lets a client send its password in the clear
    std::optional<Tls> tls;
    bool websocket = false;
};

std::string connection_element(const ConnectionInfo &info);

// Whether SASL PLAIN may be offered to a connection that is described like this.
bool allows_plain(std::string_view connection_element);

} // namespace jabberd::session
