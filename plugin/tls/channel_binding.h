// SPDX-License-Identifier: LGPL-2.1-or-later
// What ties a login to the TLS connection it happens on, so that no attacker can carry it to another.
#pragma once

#include "tls/openssl.h"

#include <string>

namespace jabberd::tls {

// Raw bytes; empty: this connection has none of this type.
struct ChannelBindings {
    std::string exporter;         // "tls-exporter", RFC 9266
    std::string server_end_point; // "tls-server-end-point", RFC 5929 §4
    std::string unique;           // "tls-unique", RFC 5929 §3
};

// After the handshake, at the server's end.
ChannelBindings channel_bindings(SSL &ssl);

} // namespace jabberd::tls
