// SPDX-License-Identifier: LGPL-2.1-or-later
// What we speak as a TLS server, and what we answer to the choices that a client offers.
#pragma once

#include "tls/openssl.h"

#include <cstdint>

namespace jabberd::tls {

class Certificates;

// Direct: TLS from the first byte (XEP-0368). StartTls: after <starttls/> (RFC 6120 §5).
enum class Mode : std::uint8_t { Direct, StartTls };

// A connection as the callbacks see it, by SSL_set_app_data(); null there when its handshake is over.
struct Handshake {
    const Certificates *certificates;
    Mode mode;
    bool http; // what may be spoken inside besides XMPP
};

// Without a certificate. Throws std::bad_alloc.
SslCtxPtr new_server_ctx();

// All addresses of ours that OpenSSL ever calls. Whoever takes over connections whose handshake is not finished sets
// them anew, on SSL_get_SSL_CTX() of each, and its app data.
void attach_callbacks(SSL_CTX &ctx);

} // namespace jabberd::tls
