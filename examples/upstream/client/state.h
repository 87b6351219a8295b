// SPDX-License-Identifier: LGPL-2.1-or-later
// A client as a value.
#pragma once

#include "upstream/client/acks.h"
#include "upstream/client/link.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace jabberd::upstream {

enum class Phase : std::uint8_t { Asking, Queued, Dialling, Login, Authenticated, Bound, Leaving, Closing, Over };

// An iq of the login that the server has not answered.
struct PendingIq {
    std::string id;
    std::string session; // what its result makes of a jabber:iq:auth: user@host/resource; "": it is another one
    bool binds = false;
};

// What is "" or 0 was not there.
struct ClientState {
    std::string address, host, from, lang, identity, client;
    bool tls = false, plain = false;
    std::uint32_t phase = 0;
    std::string question, nonce, resumed;
    std::vector<PendingIq> pending;
    std::optional<std::string> offered;
    bool has_stream_management = false;
    std::vector<std::string> waiting; // packets
    std::uint32_t acks_mode = 0;      // Acks::Value
    std::uint64_t delivered = 0, came_back = 0;
    std::vector<std::uint32_t> asked;
    bool closed_by_client = false;

    std::vector<LinkState> link; // one, where the stream with the server is open
};

// A session that can be resumed.
struct KnownSession {
    std::string sm_id, session;
};

struct InstanceState {
    std::string writer;
    std::vector<ClientState> clients;
    std::vector<KnownSession> sessions;
};

} // namespace jabberd::upstream
