// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tls/channel_binding.h"

#include <array>
#include <string_view>

namespace jabberd::tls {

namespace {

constexpr std::string_view exporter_label = "EXPORTER-Channel-Binding";

// Without the extended master secret two connections through an attacker can share all secrets (RFC 7627 §1), and what
// is derived from them binds to neither.
bool secrets_are_its_own(SSL &ssl)
{
    return SSL_version(&ssl) >= TLS1_3_VERSION || SSL_get_extms_support(&ssl) == 1;
}

std::string exporter(SSL &ssl)
{
    std::array<unsigned char, 32> bytes;
    if (SSL_export_keying_material(&ssl, bytes.data(), bytes.size(), exporter_label.data(), exporter_label.size(),
                                   nullptr, 0, 0) != 1)
        return {};
    return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

// RFC 5929 §4.1: the hash of the certificate's signature, SHA-256 in place of MD5 and SHA-1. Undefined for a signature
// with no hash of its own, like Ed25519's: clients differ there, so there is none.
std::string server_end_point(SSL &ssl)
{
    const X509 *certificate = SSL_get_certificate(&ssl);
    int hash = NID_undef;
    if (certificate == nullptr ||
        X509_get_signature_info(const_cast<X509 *>(certificate), &hash, nullptr, nullptr, nullptr) != 1)
        return {};
    const bool weak = hash == NID_md5 || hash == NID_sha1 || hash == NID_md5_sha1;
    const EVP_MD *digest = weak ? EVP_sha256() : EVP_get_digestbynid(hash);
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
    unsigned size = 0;
    if (digest == nullptr || X509_digest(certificate, digest, bytes.data(), &size) != 1)
        return {};
    return {reinterpret_cast<const char *>(bytes.data()), size};
}

// RFC 5929 §3.1: the first Finished of the handshake, the client's unless a session was resumed. TLS 1.3 leaves it
// undefined (RFC 8446 Appendix C.5), but clients compute it there all the same (slixmpp, aiosasl: what Python's ssl
// gives them), and when it is refused take the server for one without channel binding, which is a downgrade attack in
// the eyes of SCRAM. In 1.3, too, it is a MAC over the whole handshake that no attacker can carry to another.
std::string unique(SSL &ssl)
{
    std::array<char, EVP_MAX_MD_SIZE> bytes;
    const std::size_t size = SSL_session_reused(&ssl) == 1 ? SSL_get_finished(&ssl, bytes.data(), bytes.size())
                                                           : SSL_get_peer_finished(&ssl, bytes.data(), bytes.size());
    return {bytes.data(), size};
}

} // namespace

ChannelBindings channel_bindings(SSL &ssl)
{
    ChannelBindings all;
    all.server_end_point = server_end_point(ssl);
    if (secrets_are_its_own(ssl)) {
        all.exporter = exporter(ssl);
        all.unique = unique(ssl);
    }
    ERR_clear_error();
    return all;
}

} // namespace jabberd::tls
