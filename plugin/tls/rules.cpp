// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tls/rules.h"

#include "tls/certificates.h"

#include <cassert>
#include <mutex>
#include <new>
#include <string_view>

namespace jabberd::tls {

namespace {

// RFC 9325 §4.2: forward secrecy and AEAD only; in TLS 1.3 there is nothing else. CCM is left out with the rest:
// whatever speaks it speaks one of these, too.
constexpr char ciphers_of_tls_1_2[] = "ECDHE+AESGCM:ECDHE+CHACHA20:!PSK";

constexpr char groups[] = "X25519:P-256:P-384";

// 112 bits: RSA and DH of 2048 at least, no SHA-1 signatures (RFC 9325 §4.4, §4.5).
constexpr int security_level = 2;

constexpr std::string_view protocol = "xmpp-client";   // XEP-0368
constexpr std::string_view http_protocol = "http/1.1"; // RFC 7301 §6; a WebSocket begins with it (RFC 6455 §4.1)

// How it stands among what a client offers; no data: it does not.
std::string_view find_protocol(std::string_view offered, std::string_view wanted)
{
    while (!offered.empty()) {
        const std::string_view name = offered.substr(1, static_cast<unsigned char>(offered.front()));
        if (name == wanted)
            return name;
        offered.remove_prefix(1 + name.size());
    }
    return {};
}

int choose_certificate(SSL *ssl, int *, void *)
{
    const auto *handshake = static_cast<const Handshake *>(SSL_get_app_data(ssl));
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (handshake == nullptr || name == nullptr)
        return SSL_TLSEXT_ERR_NOACK;
    // A name that we do not know leaves the certificate of the stream's `to`, or else the default (RFC 6120 §5.4.3.1):
    // clients of old send the name of the machine instead of the domain's (RFC 6066 §3 leaves it open).
    const Certificate *known = handshake->certificates->find(name);
    if (known == nullptr)
        return SSL_TLSEXT_ERR_NOACK;
    SSL_set_SSL_CTX(ssl, &known->ctx());
    return SSL_TLSEXT_ERR_OK;
}

int choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *chosen_size, const unsigned char *offered,
                    unsigned offered_size, void *)
{
    const auto *handshake = static_cast<const Handshake *>(SSL_get_app_data(ssl));
    if (handshake == nullptr || handshake->mode == Mode::StartTls)
        return SSL_TLSEXT_ERR_NOACK; // it is XMPP already
    const std::string_view all{reinterpret_cast<const char *>(offered), offered_size};
    std::string_view name = find_protocol(all, protocol);
    if (name.data() == nullptr && handshake->http)
        name = find_protocol(all, http_protocol);
    if (name.data() != nullptr) {
        *chosen = reinterpret_cast<const unsigned char *>(name.data());
        *chosen_size = static_cast<unsigned char>(name.size());
        return SSL_TLSEXT_ERR_OK;
    }
    // Who offers only other protocols has not come for us (RFC 7301 §3.2). It also stops a browser from being led here
    // to speak HTTP with our certificate (ALPACA), where HTTP is not answered as HTTP.
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

} // namespace

SslCtxPtr new_server_ctx()
{
    SslCtxPtr owner{SSL_CTX_new(TLS_server_method())};
    if (!owner)
        throw std::bad_alloc{};
    SSL_CTX *const ctx = owner.get();
    [[maybe_unused]] bool known = SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1;
    known = known && SSL_CTX_set_cipher_list(ctx, ciphers_of_tls_1_2) == 1;
    known = known && SSL_CTX_set1_groups_list(ctx, groups) == 1;
    assert(known && "our own lists");
    SSL_CTX_set_security_level(ctx, security_level);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                 SSL_OP_PRIORITIZE_CHACHA | SSL_OP_NO_TICKET);

    // Nothing is resumed: XMPP connections live for days, and a kept ticket key is a kept secret (RFC 9325 §3.4).
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(ctx, 0);

    // An idle connection takes 14.2 KB of heap with TLS 1.3, 13.5 KB with 1.2, our own part included; without
    // RELEASE_BUFFERS 47.7 KB (mallinfo2, libssl 3.0; memory_test.cpp). Tickets would add 0.2 KB.

    // Without AUTO_RETRY a read returns after each record that carries no data: who sends an endless row of key updates
    // does not keep the loop from the others. Read-ahead would have all of them read by one call, and leave in SSL what
    // neither epoll nor a successor knows of: TlsTransport::read_all() has what it is for.
    SSL_CTX_set_mode(ctx,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_read_ahead(ctx, 0);

    attach_callbacks(*ctx);
    return owner;
}

// Connections of several loops share a context, and are attached beside one another.
void attach_callbacks(SSL_CTX &ctx)
{
    static std::mutex one_at_a_time;
    const std::lock_guard lock{one_at_a_time};
    SSL_CTX_set_tlsext_servername_callback(&ctx, choose_certificate);
    SSL_CTX_set_alpn_select_cb(&ctx, choose_protocol, nullptr);
}

} // namespace jabberd::tls
