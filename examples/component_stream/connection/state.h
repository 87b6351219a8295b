// SPDX-License-Identifier: LGPL-2.1-or-later
// A connection as a value, and an instance as one: what a swap hands over.
#pragma once

#include "component_stream/sessions/crossings.h"
#include "component_stream/wire/stream.h"
#include "dialect/route_sessions.h"
#include "net/socket_address.h"

#include <cstdint>
#include <string>
#include <vector>

namespace jabberd::component_stream {

struct ConnectionState {
    std::string endpoint; // EndpointOptions::key()
    int fd = -1;
    void *tls = nullptr; // SSL *; borrowed
    std::string peer;
    Stream::Value stream;
    std::vector<std::string> names, claimed;
    std::string outbox;
    std::uint64_t written = 0;
    struct Part {
        std::uint64_t begin = 0, end = 0;
        std::string packet; // as text, with sto and sfrom
    };
    std::vector<Part> parts;
    std::vector<Crossings::Crossing> crossings;
    std::vector<dialect::RouteSessions::Known> routes;
    std::vector<std::string> paused_by;
    std::uint64_t in = 0, out = 0, returned = 0;
    std::int64_t since = 0;
    bool connecting = false;
};

struct ListenerState {
    std::string endpoint;
    int fd = -1;
};

struct InstanceState {
    std::vector<ListenerState> listeners;
    std::vector<ConnectionState> connections;
    std::vector<std::string> displaced; // endpoints that leave their name to a newer stream for a while
};

} // namespace jabberd::component_stream
