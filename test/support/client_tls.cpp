// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/client_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>

namespace jabberd::test {

namespace {

SSL *new_client()
{
    const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX *)> ctx{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
    SSL *ssl = SSL_new(ctx.get()); // holds the SSL_CTX
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl);
    return ssl;
}

} // namespace

ClientTls::ClientTls(const std::string &server_name) : ssl_{new_client(), SSL_free}
{
    if (!server_name.empty())
        SSL_set_tlsext_host_name(ssl_.get(), server_name.c_str());
}

ClientTls::~ClientTls() = default;

bool ClientTls::shake()
{
    const int result = SSL_do_handshake(ssl_.get());
    if (result != 1 && SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ)
        failed_ = true;
    ERR_clear_error();
    return result == 1;
}

void ClientTls::arrived(std::string_view wire)
{
    BIO_write(SSL_get_rbio(ssl_.get()), wire.data(), static_cast<int>(wire.size()));
}

std::string ClientTls::take_wire()
{
    BIO *out = SSL_get_wbio(ssl_.get());
    std::string wire(BIO_ctrl_pending(out), '\0');
    if (!wire.empty())
        BIO_read(out, wire.data(), static_cast<int>(wire.size()));
    return wire;
}

void ClientTls::write(std::string_view plain)
{
    if (!plain.empty() && SSL_write(ssl_.get(), plain.data(), static_cast<int>(plain.size())) <= 0)
        failed_ = true;
    ERR_clear_error();
}

std::string ClientTls::read()
{
    std::string plain;
    std::array<char, 16384> buffer;
    int size = 0;
    while ((size = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()))) > 0)
        plain.append(buffer.data(), static_cast<std::size_t>(size));
    const int why = SSL_get_error(ssl_.get(), size);
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_ZERO_RETURN)
        failed_ = true;
    ERR_clear_error();
    return plain;
}

void ClientTls::close()
{
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

bool ClientTls::was_closed() const
{
    return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

std::string ClientTls::exporter() const
{
    constexpr std::string_view label = "EXPORTER-Channel-Binding";
    std::string bytes(32, '\0');
    SSL_export_keying_material(ssl_.get(), reinterpret_cast<unsigned char *>(bytes.data()), bytes.size(), label.data(),
                               label.size(), nullptr, 0, 0);
    return bytes;
}

std::string ClientTls::certificate_name() const
{
    const X509 *certificate = SSL_get0_peer_certificate(ssl_.get());
    if (certificate == nullptr)
        return {};
    std::array<char, 256> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(),
                              static_cast<int>(name.size()));
    return name.data();
}

} // namespace jabberd::test
