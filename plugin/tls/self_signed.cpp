// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tls/self_signed.h"

#include "base/host_name.h"
#include "base/random.h"
#include "base/unique_fd.h"
#include "tls/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace jabberd::tls {

namespace {

constexpr char organization[] = "SELF-SIGNED, FOR TESTS ONLY";

// Apple's systems refuse a certificate that is valid for longer, even one that its user trusts. The clock of a client
// may be slow.
constexpr long valid_days = 825;
constexpr long valid_before_now_s = -86400;

constexpr std::size_t max_common_name = 64; // X.520; the names that count are the alternative ones

using ExtensionPtr = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;

void expect(bool worked)
{
    if (!worked)
        throw CertificateError{"cannot make a self-signed certificate: " + take_error()};
}

bool is_dns_name(std::string_view host)
{
    const auto belongs = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    };
    return !host.empty() && host.size() <= 253 && std::ranges::all_of(host, belongs);
}

void add_extension(X509 &certificate, int what, const std::string &value)
{
    X509V3_CTX itself;
    X509V3_set_ctx_nodb(&itself);
    X509V3_set_ctx(&itself, &certificate, &certificate, nullptr, nullptr, 0);
    const ExtensionPtr extension{X509V3_EXT_conf_nid(nullptr, &itself, what, value.c_str())};
    expect(extension && X509_add_ext(&certificate, extension.get(), -1) == 1);
}

void add_name(X509_NAME &name, const char *field, std::string_view value)
{
    expect(X509_NAME_add_entry_by_txt(&name, field, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char *>(value.data()),
                                      static_cast<int>(value.size()), -1, 0) == 1);
}

// Clients that were told to trust a certificate tell it from the next by issuer and serial number: it must be a new one
// each time (RFC 5280 §4.1.2.2: positive).
void set_serial_number(X509 &certificate)
{
    auto bits = random_128();
    bits[0] = (bits[0] & std::byte{0x7f}) | std::byte{0x40};
    const NumberPtr number{BN_bin2bn(reinterpret_cast<const unsigned char *>(bits.data()), bits.size(), nullptr)};
    expect(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr);
}

X509Ptr certificate_of(EVP_PKEY &key, const std::string &host)
{
    X509Ptr owner{X509_new()};
    X509 *const certificate = owner.get();
    expect(certificate != nullptr && X509_set_version(certificate, X509_VERSION_3) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), valid_before_now_s) != nullptr &&
           X509_time_adj_ex(X509_getm_notAfter(certificate), valid_days - 1, valid_before_now_s, nullptr) != nullptr &&
           X509_set_pubkey(certificate, &key) == 1);
    set_serial_number(*certificate);
    X509_NAME &name = *X509_get_subject_name(certificate);
    add_name(name, "O", organization);
    if (host.size() <= max_common_name)
        add_name(name, "CN", host);
    expect(X509_set_issuer_name(certificate, &name) == 1);
    add_extension(*certificate, NID_basic_constraints, "critical,CA:FALSE");
    // No key usage: NSS counts a certificate that signs itself among the issuers, and one that is allowed
    // digitalSignature only is then refused for good (SEC_ERROR_INADEQUATE_KEY_USAGE), where without one its user is
    // asked. One that may sign others (keyCertSign) is no way out: it would be an authority in the eyes of those who
    // trust it.
    add_extension(*certificate, NID_ext_key_usage, "serverAuth");
    add_extension(*certificate, NID_subject_alt_name, "DNS:" + host); // a DNS name holds nothing that is syntax here
    add_extension(*certificate, NID_subject_key_identifier, "hash");
    expect(X509_sign(certificate, &key, EVP_sha256()) > 0);
    return owner;
}

std::string self_signed_pem(const std::string &host)
{
    ERR_clear_error();
    const KeyPtr key{EVP_EC_gen("P-256")};
    expect(key != nullptr);
    const X509Ptr certificate = certificate_of(*key, host);
    const BioPtr pem{BIO_new(BIO_s_mem())};
    expect(pem && PEM_write_bio_X509(pem.get(), certificate.get()) == 1 &&
           PEM_write_bio_PrivateKey(pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    char *data = nullptr;
    const long size = BIO_get_mem_data(pem.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

bool write_all(int fd, std::string_view content)
{
    while (!content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0)
            return false;
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fsync(fd) == 0;
}

} // namespace

bool make_self_signed(const std::string &path, const std::string &host)
{
    if (::access(path.c_str(), F_OK) == 0)
        return false;
    const auto name = host_in_ascii(host);
    if (!name || !is_dns_name(*name))
        throw CertificateError{"cannot make a certificate for '" + host + "': it must be a host name"};
    const std::string pem = self_signed_pem(*name);
    const std::string unfinished = path + "." + random_id();
    const UniqueFd fd =
        at_or_above(0, UniqueFd{::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)});
    // A link, where rename() would replace what another process has put there meanwhile.
    const bool made = fd && write_all(fd.get(), pem) && ::link(unfinished.c_str(), path.c_str()) == 0;
    const int error = errno;
    if (fd)
        ::unlink(unfinished.c_str());
    if (!made && error != EEXIST)
        throw CertificateError{"cannot make " + path + ": " + std::strerror(error)};
    return made;
}

} // namespace jabberd::tls
