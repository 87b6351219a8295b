// SPDX-License-Identifier: LGPL-2.1-or-later
// A socket manager as a value: what include/jabberd/snapshot.h describes, read and written by snapshot.h of this
// folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace jabberd::handover {

struct ListenerState {
    int fd = -1; // borrowed
    std::string configured;
    bool direct_tls = false;
    bool proxied = false;

    friend bool operator==(const ListenerState &, const ListenerState &) = default;
};

// Times are nanoseconds of CLOCK_MONOTONIC; 0: none.

// A connection whose PROXY header is due.
struct ProxiedState {
    int fd = -1; // borrowed
    std::string peer;
    bool tls_direct = false;
    std::string header;
    std::uint64_t give_up = 0;

    friend bool operator==(const ProxiedState &, const ProxiedState &) = default;
};

struct ConnectionState {
    struct Piece {
        std::string bytes;
        std::uint32_t written = 0;
        std::string sfrom; // "": no stanza

        friend bool operator==(const Piece &, const Piece &) = default;
    };
    struct Asked {
        std::uint32_t kind = 0; // JABBERD_ASKED_…
        std::string nonce;
        std::optional<std::string> client_id;

        friend bool operator==(const Asked &, const Asked &) = default;
    };
    struct Mechanism {
        std::uint32_t profile = 0;
        std::string name;

        friend bool operator==(const Mechanism &, const Mechanism &) = default;
    };

    std::string address;
    int fd = -1;         // borrowed
    void *tls = nullptr; // SSL *; borrowed
    bool tls_direct = false;
    std::string client;
    std::uint32_t stream = 0;  // JABBERD_CONNECTION_STREAM
    std::uint32_t session = 0; // JABBERD_CONNECTION_SESSION
    std::optional<std::string> to;
    std::string alias, own_name;
    std::string identity;
    bool ended = false;
    std::string stream_id, header, lang;
    std::string unfinished, unread;
    std::vector<Piece> queued;
    std::vector<std::string> held, early;
    std::vector<Asked> asked;
    std::vector<std::string> asked_itself;
    bool handle = false, wants_end = false;
    std::vector<std::string> relayed;
    std::string info;
    std::uint32_t exchange = 0;
    std::vector<Mechanism> offered;
    bool translated = false;
    std::uint32_t failed = 0;
    std::string mechanism, wishes; // of the exchange; what else it is to do
    std::vector<std::string> tried;
    std::uint32_t websocket = 0;   // JABBERD_WEBSOCKET_…; 0: it is none
    std::string request;           // what was read of the HTTP request
    std::string frame, control;    // a frame that is being read: its header; a control frame's payload
    std::uint64_t frame_taken = 0; // of its payload
    bool message_begun = false, message_done = false;
    std::uint64_t message_bytes = 0;
    bool managed = false; // its stream (XEP-0198)
    std::string sm_key;
    std::uint32_t sm_seconds = 0, sm_handled = 0, sm_reported = 0, sm_sent = 0, sm_acknowledged = 0;
    bool sm_asked = false, sm_too_much = false;
    std::vector<Piece> unacknowledged;
    bool inactive = false;
    std::vector<std::string> kept;                   // while it is that
    std::uint64_t detached_since = 0, resume_by = 0; // of one without a descriptor
    std::uint64_t since = 0, last_read = 0, last_write = 0, give_up = 0, answer_by = 0, read_again = 0, read_by = 0;
    std::uint64_t finish_by = 0;
    std::uint64_t bytes_in = 0, bytes_out = 0, stanzas_in = 0, stanzas_out = 0;

    friend bool operator==(const ConnectionState &, const ConnectionState &) = default;
};

// A packet that went back to a session it does not name (connection/returns.h).
struct ReturnedState {
    std::uint64_t key = 0, since = 0;
    std::uint32_t count = 0;

    friend bool operator==(const ReturnedState &, const ReturnedState &) = default;
};

// A session that is over, and whose client may still ask how far it got.
struct NotResumedState {
    std::uint32_t id = 0, number = 0; // of its address
    std::uint32_t handled = 0;
    std::string key;

    friend bool operator==(const NotResumedState &, const NotResumedState &) = default;
};

struct State {
    std::string writer;
    std::string host;
    std::string epoch; // "": of a version that knew none
    std::uint32_t next_token = 1;
    bool full = false;
    std::vector<std::string> full_names;
    std::vector<ListenerState> listeners;
    std::vector<ConnectionState> connections;
    std::vector<ProxiedState> proxied;
    std::vector<std::pair<std::string, std::uint64_t>> counters;
    std::vector<ReturnedState> returned;
    std::vector<std::string> answering; // session managers
    std::vector<NotResumedState> not_resumed;

    friend bool operator==(const State &, const State &) = default;
};

} // namespace jabberd::handover
