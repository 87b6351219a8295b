// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/accounts/credentials.h"

#include "base/secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>

namespace jabberd::session_manager {

namespace {

constexpr std::size_t salt_bytes = 16;

unsigned char *bytes(std::string &s)
{
    return reinterpret_cast<unsigned char *>(s.data());
}

const unsigned char *bytes(std::string_view s)
{
    return reinterpret_cast<const unsigned char *>(s.data());
}

// OpenSSL fails here only without memory or without entropy: nothing that a login could go on after.
void require(bool ok)
{
    if (!ok)
        throw std::runtime_error{"OpenSSL could not compute a hash"};
}

std::string hash(const EVP_MD *md, std::string_view data)
{
    std::string out(static_cast<std::size_t>(EVP_MD_get_size(md)), '\0');
    require(EVP_Digest(data.data(), data.size(), bytes(out), nullptr, md, nullptr) == 1);
    return out;
}

std::string hmac(const EVP_MD *md, std::string_view key, std::string_view data)
{
    std::string out(static_cast<std::size_t>(EVP_MD_get_size(md)), '\0');
    require(HMAC(md, key.data(), static_cast<int>(key.size()), bytes(data), data.size(), bytes(out), nullptr) !=
            nullptr);
    return out;
}

// RFC 5802 §3. What it returns is as good as the password.
Secret salted_password(const EVP_MD *md, std::string_view password, std::string_view salt, unsigned iterations)
{
    std::string salted(static_cast<std::size_t>(EVP_MD_get_size(md)), '\0');
    require(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes(salt),
                              static_cast<int>(salt.size()), static_cast<int>(iterations), md,
                              static_cast<int>(salted.size()), bytes(salted)) == 1);
    return Secret{std::move(salted)};
}

std::string stored_key(const EVP_MD *md, const Secret &salted)
{
    return hash(md, hmac(md, salted.view(), "Client Key"));
}

ScramKeys derive(const EVP_MD *md, std::string_view password, std::string_view salt, unsigned iterations)
{
    const Secret salted = salted_password(md, password, salt, iterations);
    return {stored_key(md, salted), hmac(md, salted.view(), "Server Key")};
}

bool equal(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hex(std::string_view raw)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : raw) {
        const auto byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

} // namespace

Credentials make_credentials(std::string_view password, unsigned iterations, bool keep_password)
{
    std::string salt(salt_bytes, '\0');
    require(RAND_bytes(bytes(salt), static_cast<int>(salt_bytes)) == 1);
    Credentials made = make_credentials(password, salt, iterations);
    if (keep_password)
        made.password = std::string{password};
    return made;
}

Credentials make_credentials(std::string_view password, std::string_view salt, unsigned iterations)
{
    Credentials made;
    made.salt = salt;
    made.iterations = iterations;
    made.sha256 = derive(EVP_sha256(), password, salt, iterations);
    made.sha1 = derive(EVP_sha1(), password, salt, iterations);
    return made;
}

bool matches(const Credentials &credentials, std::string_view password)
{
    const EVP_MD *md = EVP_sha256();
    return equal(stored_key(md, salted_password(md, password, credentials.salt, credentials.iterations)),
                 credentials.sha256.stored);
}

bool matches_digest(const Credentials &credentials, std::string_view stream_id, std::string_view digest)
{
    if (!credentials.password)
        return false;
    std::string secret = std::string{stream_id} + *credentials.password;
    const std::string expected = hex(hash(EVP_sha1(), secret));
    wipe(secret);
    std::string given{digest};
    std::transform(given.begin(), given.end(), given.begin(),
                   [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return equal(expected, given);
}

} // namespace jabberd::session_manager
