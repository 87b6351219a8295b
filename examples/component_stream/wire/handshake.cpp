// SPDX-License-Identifier: LGPL-2.1-or-later
#include "component_stream/wire/handshake.h"

#include "base/secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace jabberd::component_stream {

std::string handshake_of(std::string_view stream_id, std::string_view secret)
{
    std::string text{stream_id};
    text.reserve(stream_id.size() + secret.size());
    text += secret;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    const bool done = EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1;
    wipe(text);
    if (!done)
        throw std::runtime_error{"OpenSSL has no SHA-1"};
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        hex += digits[digest[i] >> 4];
        hex += digits[digest[i] & 15];
    }
    return hex;
}

bool is_handshake(std::string_view said, std::string_view stream_id, std::string_view secret)
{
    const std::string right = handshake_of(stream_id, secret);
    return said.size() == right.size() && CRYPTO_memcmp(said.data(), right.data(), right.size()) == 0;
}

} // namespace jabberd::component_stream
