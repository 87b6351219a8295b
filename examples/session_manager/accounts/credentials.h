// SPDX-License-Identifier: LGPL-2.1-or-later
// What is kept of a password: SCRAM verifiers (RFC 5802 §3), from which it cannot be read back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jabberd::session_manager {

struct ScramKeys {
    std::string stored; // H(ClientKey): proves the password to us
    std::string server; // ServerKey: proves us to the client
    friend bool operator==(const ScramKeys &, const ScramKeys &) = default;
};

struct Credentials {
    std::string salt;
    unsigned iterations = 0;
    ScramKeys sha256;
    ScramKeys sha1; // for SASL clients that know no better; not used where we see the password
    std::optional<std::string>
        password; // in the clear, only while digest login is configured: sha1(sid + password) needs it
    friend bool operator==(const Credentials &, const Credentials &) = default;
};

// All take a few milliseconds per ten thousand iterations, and a prepared password. [any-thread but a socket loop]
Credentials make_credentials(std::string_view password, unsigned iterations, bool keep_password);
Credentials make_credentials(std::string_view password, std::string_view salt, unsigned iterations);
bool matches(const Credentials &credentials, std::string_view password);

// Whether `digest` is hex(sha1(stream_id + password)) (XEP-0078 §3.2). False when no password is kept.
bool matches_digest(const Credentials &credentials, std::string_view stream_id, std::string_view digest);

} // namespace jabberd::session_manager
