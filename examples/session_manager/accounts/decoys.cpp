// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/accounts/decoys.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <array>
#include <new>
#include <optional>
#include <string>
#include <utility>

namespace jabberd::session_manager {

namespace {

constexpr std::size_t sha256_bytes = 32, sha1_bytes = 20;
constexpr std::size_t decoy_salt_bytes = 16; // as accounts have

const unsigned char *octets(std::string_view text)
{
    return reinterpret_cast<const unsigned char *>(text.data());
}

// OpenSSL fails here only without memory.
void expect(bool ok)
{
    if (!ok)
        throw std::bad_alloc{};
}

EVP_MAC_CTX *hmac_sha256(std::string_view key)
{
    EVP_MAC *algorithm = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
    EVP_MAC_CTX *made = algorithm == nullptr ? nullptr : EVP_MAC_CTX_new(algorithm);
    EVP_MAC_free(algorithm); // the context holds it
    expect(made != nullptr);
    char digest[] = "SHA256";
    const std::array params = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_end()};
    if (EVP_MAC_init(made, octets(key), key.size(), params.data()) == 1)
        return made;
    EVP_MAC_CTX_free(made);
    throw std::bad_alloc{};
}

// No input is known that hashes to zeros.
ScramKeys keys_of_nobody(std::size_t size)
{
    return {std::string(size, '\0'), std::string(size, '\0')};
}

} // namespace

Decoys::Decoys(std::string_view secret) : keyed_(hmac_sha256(secret))
{
}

Credentials Decoys::of(std::string_view address, unsigned iterations) const
{
    const Context mac{EVP_MAC_CTX_dup(keyed_.get())};
    expect(mac != nullptr);
    std::string salt(sha256_bytes, '\0');
    std::size_t size = 0;
    expect(EVP_MAC_update(mac.get(), octets(address), address.size()) == 1 &&
           EVP_MAC_final(mac.get(), reinterpret_cast<unsigned char *>(salt.data()), &size, salt.size()) == 1);
    salt.resize(decoy_salt_bytes);
    return {std::move(salt), iterations, keys_of_nobody(sha256_bytes), keys_of_nobody(sha1_bytes), std::nullopt};
}

} // namespace jabberd::session_manager
