// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tls/peer_tls.h"

#include <openssl/x509v3.h>

#include <new>
#include <utility>

namespace jabberd::tls {

PeerTls::PeerTls(const PeerTlsOptions &options)
    : ctx_(SSL_CTX_new(TLS_method())), name_(options.name), has_authority_(!options.authority.empty())
{
    if (ctx_ == nullptr)
        throw std::bad_alloc{};
    const auto need = [](int result, const std::string &file, const char *what) {
        if (result != 1)
            throw PeerTlsError{"cannot use " + file + " as " + what + ": " + take_error()};
    };
    SSL_CTX *ctx = ctx_.get();
    SSL_CTX_set_min_proto_version(ctx, options.oldest);
    SSL_CTX_set_mode(ctx,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(ctx, 0);
    if (!options.certificate.empty()) {
        const std::string &key = options.key.empty() ? options.certificate : options.key;
        need(SSL_CTX_use_certificate_chain_file(ctx, options.certificate.c_str()), options.certificate,
             "a certificate");
        need(SSL_CTX_use_PrivateKey_file(ctx, key.c_str(), SSL_FILETYPE_PEM), key, "its key");
        need(SSL_CTX_check_private_key(ctx), key, "its key");
    }
    if (has_authority_)
        need(SSL_CTX_load_verify_file(ctx, options.authority.c_str()), options.authority, "the authority");
    else
        need(SSL_CTX_set_default_verify_paths(ctx), "the system's certificates", "the authority");
    // One certificate serves a program in both roles: what it was issued for is its authority's word for who it is.
    SSL_CTX_set_purpose(ctx, X509_PURPOSE_ANY);
}

SslPtr PeerTls::make(int fd) const
{
    SslPtr ssl{SSL_new(ctx_.get())};
    if (ssl == nullptr || SSL_set_fd(ssl.get(), fd) != 1)
        throw std::bad_alloc{};
    return ssl;
}

std::unique_ptr<TlsTransport> PeerTls::dial(UniqueFd fd) const
{
    SslPtr ssl = make(fd.get());
    SSL_set_verify(ssl.get(), SSL_VERIFY_PEER, nullptr);
    if (!name_.empty() &&
        (SSL_set1_host(ssl.get(), name_.c_str()) != 1 || SSL_set_tlsext_host_name(ssl.get(), name_.c_str()) != 1))
        throw std::bad_alloc{};
    SSL_set_connect_state(ssl.get());
    return std::make_unique<TlsTransport>(std::move(fd), std::move(ssl), nullptr, Mode::Direct);
}

std::unique_ptr<TlsTransport> PeerTls::listen(UniqueFd fd) const
{
    SslPtr ssl = make(fd.get());
    if (has_authority_)
        SSL_set_verify(ssl.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_set_accept_state(ssl.get());
    return std::make_unique<TlsTransport>(std::move(fd), std::move(ssl), nullptr, Mode::Direct);
}

} // namespace jabberd::tls
