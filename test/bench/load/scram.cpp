// SPDX-License-Identifier: LGPL-2.1-or-later
#include "load/scram.h"

#include "base/base64.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <array>
#include <charconv>
#include <map>
#include <stdexcept>
#include <utility>

namespace jabberd::bench {

namespace {

using Digest = std::array<unsigned char, SHA_DIGEST_LENGTH>;

std::string_view bytes(const Digest &digest)
{
    return {reinterpret_cast<const char *>(digest.data()), digest.size()};
}

const unsigned char *octets(std::string_view text)
{
    return reinterpret_cast<const unsigned char *>(text.data());
}

Digest hmac(const Digest &key, std::string_view text)
{
    Digest result;
    HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), octets(text), text.size(), result.data(), nullptr);
    return result;
}

// What stands behind "r=" and the like.
std::string_view attribute(std::string_view challenge, std::string_view name)
{
    const auto at = ("," + std::string{challenge}).find("," + std::string{name});
    if (at == std::string::npos)
        throw std::runtime_error("this is no challenge of SCRAM: " + std::string{challenge});
    const std::string_view rest = challenge.substr(at + name.size());
    return rest.substr(0, rest.find(','));
}

const Digest &salted_password(const std::string &password, std::string_view salt_as_base64, int iterations)
{
    static std::map<std::pair<std::string, int>, Digest> known;
    const auto [entry, is_new] = known.try_emplace({std::string{salt_as_base64}, iterations});
    if (is_new) {
        const std::string salt = base64_decode(salt_as_base64).value_or("");
        PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), octets(salt),
                          static_cast<int>(salt.size()), iterations, EVP_sha1(), SHA_DIGEST_LENGTH,
                          entry->second.data());
    }
    return entry->second;
}

std::string first_bare(const std::string &user)
{
    return "n=" + user + ",r=theloadsownnonce";
}

} // namespace

std::string scram_first(const std::string &user)
{
    return "n,," + first_bare(user);
}

std::string scram_final(const std::string &user, const std::string &password, std::string_view challenge)
{
    const std::string_view count = attribute(challenge, "i=");
    int iterations = 0;
    std::from_chars(count.data(), count.data() + count.size(), iterations);
    const Digest &salted = salted_password(password, attribute(challenge, "s="), iterations);
    const std::string final = "c=biws,r=" + std::string{attribute(challenge, "r=")};
    Digest proof = hmac(salted, "Client Key"), stored;
    SHA1(proof.data(), proof.size(), stored.data());
    const Digest signature = hmac(stored, first_bare(user) + "," + std::string{challenge} + "," + final);
    for (std::size_t i = 0; i < proof.size(); ++i)
        proof[i] ^= signature[i];
    return final + ",p=" + base64_encode(bytes(proof));
}

} // namespace jabberd::bench
