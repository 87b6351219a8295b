// SPDX-License-Identifier: LGPL-2.1-or-later
// Verifiers against the examples of the RFCs: client and server there have used "pencil".
#include "base/base64.h"
#include "session_manager/accounts/credentials.h"
#include "session_manager/accounts/decoys.h"

#include <gtest/gtest.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace jabberd::session_manager {
namespace {

std::string hmac(const EVP_MD *md, std::string_view key, std::string_view data)
{
    std::string out(static_cast<std::size_t>(EVP_MD_get_size(md)), '\0');
    HMAC(md, key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char *>(data.data()),
         data.size(), reinterpret_cast<unsigned char *>(out.data()), nullptr);
    return out;
}

std::string hash(const EVP_MD *md, std::string_view data)
{
    std::string out(static_cast<std::size_t>(EVP_MD_get_size(md)), '\0');
    EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char *>(out.data()), nullptr, md, nullptr);
    return out;
}

void expect_keys(const ScramKeys &keys, const EVP_MD *md, std::string_view conversation, std::string_view proof,
                 std::string_view signature)
{
    std::string client_key = base64_decode(proof).value();
    const std::string client_signature = hmac(md, keys.stored, conversation);
    ASSERT_EQ(client_key.size(), client_signature.size());
    for (std::size_t i = 0; i < client_key.size(); ++i)
        client_key[i] = static_cast<char>(client_key[i] ^ client_signature[i]);
    EXPECT_EQ(base64_encode(hash(md, client_key)), base64_encode(keys.stored));
    EXPECT_EQ(base64_encode(hmac(md, keys.server, conversation)), signature);
}

TEST(Credentials, OfTheExampleInRfc5802)
{
    const Credentials made = make_credentials("pencil", base64_decode("QSXCR+Q6sek8bf92").value(), 4096);
    expect_keys(made.sha1, EVP_sha1(),
                "n=user,r=fyko+d2lbbFgONRv9qkxdawL,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,"
                "i=4096,c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j",
                "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "rmF9pqV8S7suAoZWja4dJRkFsKQ=");
}

TEST(Credentials, OfTheExampleInRfc7677)
{
    const Credentials made = make_credentials("pencil", base64_decode("W22ZaJ0SNY7soEsUEjb6gQ==").value(), 4096);
    expect_keys(made.sha256, EVP_sha256(),
                "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
                "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

TEST(Credentials, OfNobodyLookLikeOthersAndStay)
{
    const Decoys decoys{"key"};
    const Credentials somebody = make_credentials("secret", 4096, false);
    const Credentials nobody = decoys.of("nobody@foo.com", 4096);
    EXPECT_EQ(nobody.salt.size(), somebody.salt.size());
    EXPECT_EQ(nobody.sha256.stored.size(), somebody.sha256.stored.size());
    EXPECT_EQ(nobody.sha1.server.size(), somebody.sha1.server.size());
    EXPECT_EQ(nobody.salt, decoys.of("nobody@foo.com", 4096).salt);
    EXPECT_NE(nobody.salt, decoys.of("nobody@bar.org", 4096).salt);
    EXPECT_NE(nobody.salt, Decoys{"other key"}.of("nobody@foo.com", 4096).salt);
    // A version that computed it otherwise would tell by what has changed who is unknown.
    EXPECT_EQ(nobody.salt, hmac(EVP_sha256(), "key", "nobody@foo.com").substr(0, 16));
    EXPECT_FALSE(matches(nobody, "secret"));
}

} // namespace
} // namespace jabberd::session_manager
