// SPDX-License-Identifier: LGPL-2.1-or-later
// What can be configured, with its defaults and their reasons.
#pragma once

#include "net/network.h"
#include "net/socket_address.h"
#include "net/token_bucket.h"
#include "xml/stanza.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jabberd::config {

// Against one client, unless it says "all".
struct Limits {
    // Largest stanza. 256 KiB holds the largest avatar that clients publish in a vCard; RFC 6120 §13.12 asks for 10 000
    // bytes at least, also before login, where a name and a password are all that is needed.
    xml::Limits stanza{.bytes = 262144, .elements = 10000, .attributes = 64, .depth = 64, .name_bytes = 1024};
    xml::Limits stanza_before_login{.bytes = 10000, .elements = 32, .attributes = 32, .depth = 16, .name_bytes = 256};

    std::uint32_t queue = 1048576;                // bytes a client may leave unread before it is disconnected
    std::uint32_t memory = 268435456;             // bytes that all clients together make us hold
    std::uint32_t memory_per_address = 67108864;  // and those of one address: four of them cannot fill it; 0: no cap
    std::uint32_t connections = 0;                // of all clients; 0: as many as there are file descriptors
    std::uint32_t connections_per_address = 1000; // an office or a mobile carrier behind one address; 0: no cap
    net::Rate attempts{.per_second = 50, .burst = 2000}; // new connections of one address
    net::Rate bytes{.per_second = 131072,
                    .burst = 1048576}; // what a client may cause; beyond it, it is read more slowly
    net::Rate stanzas{.per_second = 500, .burst = 5000};
};

// Whether the session manager speaks SASL (include/jabberd/session.h).
enum class SessionManagerSasl : std::uint8_t {
    Ask, // it is asked at each stream; an error, or silence, means no
    Yes,
    No, // jabber:iq:auth only; SASL PLAIN is translated
};

struct Listen {
    net::SocketAddress address;
    bool direct_tls = false; // nothing but TLS (XEP-0368)
    bool proxied = false;    // nothing comes before a PROXY header, from a trusted proxy
};

// Where something was configured, kept for reports: the elements themselves are gone when create() or reload() returns.
struct Place {
    std::string element, file;
    unsigned line = 0;
};

struct CertificateFiles {
    std::string certificate; // path
    std::string key;         // path; "" for the same file
    std::string self_signed; // the host to make a certificate for when there is no file; "" for none
    Place place;
    std::vector<std::string> also_for{}; // hosts, and addresses of ours, beside the names in it
};

// A certificate that signs itself for each domain that no other certificate is for, in a file that has its name.
struct SelfSigned {
    std::string folder; // path; "" for the current one
    Place place;
};

struct Tls {
    bool required = true;                       // no login in the clear
    std::vector<CertificateFiles> certificates; // the first is the default
    std::optional<SelfSigned> self_signed{};    // <self-signed/>

    bool is_there() const { return !certificates.empty() || self_signed; }
};

// A name that clients may have for a session manager's host.
struct Alias {
    std::string name, host;
};

// A WebSocket for clients in browsers (RFC 7395), on each port, beside streams over TCP.
struct Websocket {
    std::string path = "/xmpp-websocket";
    std::string address;              // of it, as others are told (XEP-0156); "": by the Host of the request
    std::vector<std::string> origins; // of pages that may come, * is all; none: those of our own hosts
};

// What is kept of a session whose client is gone (XEP-0198), where its session manager does not do that itself.
struct StreamManagement {
    bool offered = true;
    // A phone that changes networks, or sleeps, is back within minutes; until then its friends see it as it was.
    std::chrono::seconds resumption{300}; // 0: what has arrived is still acknowledged
    // Of one session: what its client has not acknowledged. One that has more is not resumable any more, but goes on.
    std::uint32_t stanzas = 500;
    std::uint32_t bytes = 262144;
};

struct Options {
    std::string host;           // our name in sfrom
    std::vector<Listen> listen; // at least one
    Tls tls;
    // Event loops, each with a thread. 0: one for each processor, with threads as the load needs.
    std::uint32_t threads = 0;
    std::chrono::seconds authtime{60};   // from accept to login, whatever the client sends meanwhile; 0: for ever
    std::chrono::seconds heartbeat{180}; // white space to a client that was sent nothing for so long; 0: never
    // From the first byte of a stanza to its last, however they come: the largest one still comes through at 900 bytes
    // a second, while a client that went away in the middle of one does not hold memory for ever.
    std::chrono::seconds stanzatime{300};
    std::uint32_t attempts = 3; // failed logins a connection may have
    SessionManagerSasl sasl = SessionManagerSasl::Ask;
    bool plain_in_the_clear = false; // SASL PLAIN where there is no TLS, and a login without is allowed
    std::string see_other_host;      // where new clients are sent instead, and at shutdown all; empty: nowhere
    std::vector<Alias> aliases;
    std::string default_host;           // of every name that is no alias; "": it is itself one
    bool advertise_registration = true; // where the features are composed here; nothing is forbidden by it
    net::AccessList access;             // who may connect at all
    std::vector<net::Network> trusted;  // proxies that are believed whose connections they forward
    std::optional<Websocket> websocket; // none: HTTP is not answered
    StreamManagement stream_management;
    int first_descriptor = 0; // sockets and loops have no lower number (base/unique_fd.h)
    Limits limits;

    // The host behind the name in a stream header, which may be empty. One step: an alias of an alias is none.
    std::string_view real_host(std::string_view name) const;
};

inline constexpr std::uint16_t default_port = 5222;
inline constexpr std::uint16_t default_direct_tls_port = 5223; // of custom; XEP-0368 lets SRV records say

// Our own section; the others are those of jabberd 1.1 and 1.4.
inline constexpr char own_section[] = "jabber:config:socket-manager";
inline constexpr char section_1_1[] = "jabberd:pth-csock:config";
inline constexpr char section_1_4[] = "jabber:config:pth-csock";

} // namespace jabberd::config
