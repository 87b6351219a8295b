// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tls/certificate_checks.h"

#include <openssl/x509v3.h>

#include <array>

namespace jabberd::tls {

namespace {

using StorePtr = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;
using StoreCtxPtr = std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>>;

// What today's clients have in common: NSS, GnuTLS, BoringSSL, Schannel, Apple's and Java's speak these for sure.
constexpr char client_groups[] = "X25519:P-256:P-384:P-521";
constexpr char client_signatures[] =
    "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:"
    "RSA+SHA512:ed25519";

// A handshake in memory with a client that takes any certificate; "" or why there is none.
std::string handshake_failure(SSL_CTX &server_ctx, int version)
{
    const SslCtxPtr client_ctx{SSL_CTX_new(TLS_client_method())};
    if (!client_ctx)
        return take_error();
    SSL_CTX_set_security_level(client_ctx.get(), 1); // its own: not how strict this machine's OpenSSL is
    SSL_CTX_set1_groups_list(client_ctx.get(), client_groups);
    SSL_CTX_set1_sigalgs_list(client_ctx.get(), client_signatures);
    SSL_CTX_set_min_proto_version(client_ctx.get(), version);
    SSL_CTX_set_max_proto_version(client_ctx.get(), version);
    const SslPtr client{SSL_new(client_ctx.get())}, server{SSL_new(&server_ctx)};
    BIO *client_end = nullptr, *server_end = nullptr;
    if (!client || !server || BIO_new_bio_pair(&client_end, 0, &server_end, 0) != 1)
        return take_error();
    SSL_set_bio(client.get(), client_end, client_end);
    SSL_set_bio(server.get(), server_end, server_end);
    SSL_set_connect_state(client.get());
    SSL_set_accept_state(server.get());
    constexpr int rounds = 20; // a handshake takes three
    for (int round = 0; round < rounds; ++round) {
        for (SSL *end : {server.get(), client.get()}) { // the server first: its reason, not the alert it sent
            ERR_clear_error();
            const int result = SSL_do_handshake(end);
            const int error = SSL_get_error(end, result);
            if (result != 1 && error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
                return take_error();
        }
        if (SSL_is_init_finished(client.get()) == 1 && SSL_is_init_finished(server.get()) == 1)
            return "";
    }
    return "it does not end";
}

std::string key_of(X509 &certificate)
{
    EVP_PKEY *key = X509_get0_pubkey(&certificate);
    std::array<char, 64> group{};
    std::size_t size = 0;
    const char *type = key == nullptr ? nullptr : EVP_PKEY_get0_type_name(key);
    std::string text = type == nullptr ? "unknown" : type;
    if (key != nullptr && EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1)
        return text + " on the curve " + std::string{group.data(), size};
    return text + (key == nullptr ? "" : " of " + std::to_string(EVP_PKEY_get_bits(key)) + " bits");
}

void check_key(SSL_CTX &ctx, X509 &certificate, std::vector<std::string> &problems)
{
    const std::string in_1_3 = handshake_failure(ctx, TLS1_3_VERSION), in_1_2 = handshake_failure(ctx, TLS1_2_VERSION);
    const std::string key = "has a key (" + key_of(certificate) + ") that ";
    const int type = EVP_PKEY_get_base_id(X509_get0_pubkey(&certificate));
    if (!in_1_3.empty() && !in_1_2.empty())
        problems.push_back(key + "no client can use: every handshake fails (" + in_1_3 + "); use P-256 or RSA");
    else if (!in_1_3.empty() || !in_1_2.empty())
        problems.push_back(key + "clients cannot use in " + (in_1_2.empty() ? "TLS 1.3" : "TLS 1.2") + " (" +
                           (in_1_2.empty() ? in_1_3 : in_1_2) + ")");
    else if (type == EVP_PKEY_ED25519 || type == EVP_PKEY_ED448)
        problems.push_back(key + "many clients cannot use; use P-256 or RSA");
}

void check_purpose(X509 &certificate, bool self_signed, std::vector<std::string> &problems)
{
    constexpr std::uint32_t all = UINT32_MAX; // there is no such extension
    const std::uint32_t usage = X509_get_key_usage(&certificate);
    const std::uint32_t purpose = X509_get_extended_key_usage(&certificate);
    if (usage != all && (usage & KU_DIGITAL_SIGNATURE) == 0)
        problems.emplace_back("has a key that may not sign a handshake (keyUsage without digitalSignature); clients "
                              "will refuse it");
    if (purpose != all && (purpose & (XKU_SSL_SERVER | XKU_ANYEKU)) == 0)
        problems.emplace_back("is not for servers (extendedKeyUsage without serverAuth); clients will refuse it");
    if (X509_check_ca(&certificate) == 1 && !self_signed)
        problems.emplace_back("begins with the certificate of an authority; that of the server must be the first");
}

// Clients of today look at nothing else: RFC 6125 §6.4.4 leaves the common name to those of old.
void check_names(X509 &certificate, std::vector<std::string> &problems)
{
    std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>> names{
        static_cast<GENERAL_NAMES *>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr))};
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        if (sk_GENERAL_NAME_value(names.get(), i)->type == GEN_DNS)
            return;
    }
    problems.emplace_back("names no host (subjectAltName); clients will refuse it whatever they came for");
}

bool is_issued_by(X509 &certificate, X509 &issuer)
{
    return X509_check_issued(&issuer, &certificate) == X509_V_OK &&
           X509_verify(&certificate, X509_get0_pubkey(&issuer)) == 1;
}

// Whether an authority that this machine trusts has issued it.
bool is_issued_by_a_root(X509 &certificate)
{
    const StorePtr store{X509_STORE_new()};
    const StoreCtxPtr search{X509_STORE_CTX_new()};
    if (!store || !search || X509_STORE_set_default_paths(store.get()) != 1 ||
        X509_STORE_CTX_init(search.get(), store.get(), &certificate, nullptr) != 1)
        return false;
    X509 *issuer = nullptr;
    const bool found = X509_STORE_CTX_get1_issuer(&issuer, search.get(), &certificate) == 1;
    const X509Ptr owner{issuer};
    return found;
}

// Each must be issued by the next (RFC 5246 §7.4.2; clients of TLS 1.3 may be more patient, and not all are). The root
// may be left out, and what is between it and the certificate may not: most clients do not fetch it.
void check_chain(const std::vector<X509 *> &chain, bool self_signed, std::vector<std::string> &problems)
{
    for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
        if (is_issued_by(*chain[i], *chain[i + 1]))
            continue;
        bool elsewhere = false;
        for (std::size_t j = 0; j < chain.size(); ++j)
            elsewhere = elsewhere || (j != i && is_issued_by(*chain[i], *chain[j]));
        problems.push_back("has a chain " + std::string{elsewhere ? "out of order" : "that breaks off"} +
                           ": its certificate " + std::to_string(i + 1) + " was issued by " +
                           name_of(*X509_get_issuer_name(chain[i])) + ", and the next is that of " +
                           name_of(*X509_get_subject_name(chain[i + 1])));
        return;
    }
    if (chain.size() == 1 && !self_signed && !is_issued_by_a_root(*chain.front()))
        problems.push_back("comes without that of its issuer, " + name_of(*X509_get_issuer_name(chain.front())) +
                           ", which must follow it in the file: clients that do not know it will refuse it");
}

} // namespace

std::string name_of(const X509_NAME &name)
{
    const BioPtr text{BIO_new(BIO_s_mem())};
    if (!text || X509_NAME_print_ex(text.get(), &name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0)
        return "?";
    char *data = nullptr;
    const long size = BIO_get_mem_data(text.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::vector<X509 *> chain_of(SSL_CTX &ctx)
{
    std::vector<X509 *> all{SSL_CTX_get0_certificate(&ctx)};
    STACK_OF(X509) *chain = nullptr;
    SSL_CTX_get0_chain_certs(&ctx, &chain);
    for (int i = 0; i < sk_X509_num(chain); ++i)
        all.push_back(sk_X509_value(chain, i));
    return all;
}

std::vector<std::string> lasting_problems(SSL_CTX &ctx)
{
    std::vector<std::string> problems;
    const std::vector<X509 *> chain = chain_of(ctx);
    X509 &certificate = *chain.front();
    const bool self_signed = X509_self_signed(&certificate, 0) == 1;
    check_key(ctx, certificate, problems);
    check_purpose(certificate, self_signed, problems);
    check_names(certificate, problems);
    check_chain(chain, self_signed, problems);
    ERR_clear_error();
    return problems;
}

} // namespace jabberd::tls
