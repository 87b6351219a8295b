// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tls/certificate.h"

#include "base/address.h"
#include "base/regular_file.h"
#include "tls/certificate_checks.h"
#include "tls/rules.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>

namespace jabberd::tls {

namespace {

using std::chrono::days;
using std::chrono::floor;

// Let's Encrypt renews 30 days before the end: at 14 an operator should look.
constexpr days warn_before{14};

constexpr std::size_t max_file_bytes = 1u << 20; // a chain takes a few thousand; and /dev/zero is no certificate

using NamesPtr = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;

FileContent read_file(const std::string &path)
{
    std::string why;
    auto content = read_regular_file(path, max_file_bytes, why);
    if (!content)
        throw CertificateError{"cannot read " + path + ": " + why};
    return std::move(*content);
}

BioPtr reader(const std::string &pem)
{
    return BioPtr{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
}

// Nothing when there are no more; throws at what is damaged.
X509Ptr next_certificate(BIO &pem, const std::string &file)
{
    ERR_clear_error();
    X509Ptr certificate{PEM_read_bio_X509(&pem, nullptr, nullptr, nullptr)};
    const unsigned long error = ERR_peek_last_error();
    if (!certificate && ERR_GET_LIB(error) != ERR_LIB_PEM)
        throw CertificateError{"a certificate in " + file + " is damaged: " + take_error()};
    if (!certificate && ERR_GET_REASON(error) != PEM_R_NO_START_LINE)
        throw CertificateError{file + " is not well-formed PEM: " + take_error()};
    ERR_clear_error();
    return certificate;
}

KeyPtr read_key(const std::string &pem, const std::string &file)
{
    // Otherwise OpenSSL asks for a password on the terminal.
    const auto no_password = [](char *, int, int, void *asked) {
        *static_cast<bool *>(asked) = true;
        return -1;
    };
    bool encrypted = false;
    ERR_clear_error();
    KeyPtr key{PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, no_password, &encrypted)};
    if (key)
        return key;
    const std::string reason = take_error();
    if (encrypted)
        throw CertificateError{"the key in " + file + " is encrypted; decrypt it with `openssl pkey`"};
    if (pem.find("PRIVATE KEY-----") == std::string::npos)
        throw CertificateError{"there is no key in " + file + "; it must be PEM: -----BEGIN PRIVATE KEY-----"};
    throw CertificateError{"the key in " + file + " is damaged: " + reason};
}

std::vector<std::string> dns_names(X509 &certificate)
{
    std::vector<std::string> names;
    const NamesPtr all{
        static_cast<GENERAL_NAMES *>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr))};
    for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
        int type = 0;
        const void *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all.get(), i), &type);
        if (type != GEN_DNS)
            continue;
        const auto *name = static_cast<const ASN1_STRING *>(value);
        names.emplace_back(reinterpret_cast<const char *>(ASN1_STRING_get0_data(name)),
                           static_cast<std::size_t>(ASN1_STRING_length(name)));
    }
    ERR_clear_error(); // of a certificate without names
    return names;
}

Date date_of(const ASN1_TIME *time)
{
    std::tm parts{};
    ASN1_TIME_to_tm(time, &parts);
    return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

std::string day_of(Date date)
{
    const std::time_t seconds = std::chrono::system_clock::to_time_t(date);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts)};
}

std::string in_days(Date then, Date now)
{
    const auto count = floor<days>(then - now).count();
    return "in " + std::to_string(count) + (count == 1 ? " day" : " days");
}

} // namespace

Certificate::Certificate(std::string file, const std::string &key_file, std::vector<std::string> also_for)
    : file_(std::move(file)), ctx_(new_server_ctx()), also_for_(std::move(also_for))
{
    const bool one_file = key_file.empty() || key_file == file_;
    const FileContent first = read_file(file_);
    const FileContent second = one_file ? FileContent{} : read_file(key_file);
    install(first.bytes, one_file ? first.bytes : second.bytes, one_file ? file_ : key_file);
    if (((one_file ? first : second).mode & (S_IWGRP | S_IROTH | S_IWOTH)) != 0)
        careless_key_file_ = one_file ? file_ : key_file;
    names_ = dns_names(*certificate_);
    not_after_ = date_of(X509_get0_notAfter(certificate_.get()));
    self_signed_ = X509_self_signed(certificate_.get(), 0) == 1;
    lasting_problems_ = lasting_problems(*ctx_);
    ERR_clear_error();
}

void Certificate::install(const std::string &pem, const std::string &key_pem, const std::string &key_file)
{
    const auto unusable = [this] { return CertificateError{file_ + " cannot be used: " + take_error()}; };
    const BioPtr certificates = reader(pem);
    certificate_ = next_certificate(*certificates, file_);
    if (!certificate_)
        throw CertificateError{"there is no certificate in " + file_ + "; it must be PEM: -----BEGIN CERTIFICATE-----"};
    const KeyPtr key = read_key(key_pem, key_file);
    if (X509_check_private_key(certificate_.get(), key.get()) != 1) {
        ERR_clear_error();
        throw CertificateError{"the key in " + key_file + " is not that of the certificate in " + file_ +
                               ", which must be the first in its file"};
    }
    if (SSL_CTX_use_certificate(ctx_.get(), certificate_.get()) != 1)
        throw unusable();
    while (X509Ptr issuer = next_certificate(*certificates, file_)) {
        if (SSL_CTX_add0_chain_cert(ctx_.get(), issuer.get()) != 1)
            throw unusable();
        static_cast<void>(issuer.release());
    }
    if (SSL_CTX_use_PrivateKey(ctx_.get(), key.get()) != 1 || SSL_CTX_check_private_key(ctx_.get()) != 1)
        throw unusable();
}

bool Certificate::covers(std::string_view host) const
{
    const std::string name = host_in_ascii(host).value_or(std::string{host}); // as certificates spell it
    // OpenSSL takes an empty name for one that matches, and length 0 for "measure it".
    return !name.empty() && X509_check_host(certificate_.get(), name.data(), name.size(),
                                            X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr) == 1;
}

bool Certificate::is_also_for(std::string_view host) const
{
    return std::ranges::any_of(also_for_, [&](const std::string &name) { return same_host(name, host); });
}

// Those of the whole chain: clients look at each.
std::vector<std::string> Certificate::problems_of_dates(Date now) const
{
    std::vector<std::string> all;
    for (const X509 *one : chain_of(*ctx_)) {
        const bool is_issuer = one != SSL_CTX_get0_certificate(ctx_.get());
        const std::string whose =
            is_issuer ? "has a certificate of " + name_of(*X509_get_subject_name(one)) + " in its chain, which " : "";
        const Date begin = date_of(X509_get0_notBefore(one)), end = date_of(X509_get0_notAfter(one));
        if (begin > now)
            all.push_back(whose + "is not valid before " + day_of(begin) + "; clients will refuse it until then");
        if (end <= now)
            all.push_back(whose + "expired on " + day_of(end) + "; clients will refuse it");
        else if (end - now < warn_before)
            all.push_back(whose + "expires on " + day_of(end) + ", " + in_days(end, now));
    }
    return all;
}

std::vector<std::string> Certificate::warnings(Date now) const
{
    std::vector<std::string> all;
    if (self_signed_)
        all.push_back(file_ + " is self-signed: for tests only, clients cannot tell it from an attacker's");
    for (const std::string &problem : problems_of_dates(now))
        all.push_back(file_ + " " + problem);
    for (const std::string &problem : lasting_problems_)
        all.push_back(file_ + " " + problem);
    if (!careless_key_file_.empty())
        all.push_back("the key in " + careless_key_file_ + " can be read or changed by others; `chmod 600` it");
    return all;
}

std::string Certificate::status(Date now) const
{
    std::string text = not_after_ <= now ? "expired on " + day_of(not_after_)
                                         : "expires " + day_of(not_after_) + " (" + in_days(not_after_, now) + ")";
    if (self_signed_)
        text += ", self-signed: for tests only";
    for (const std::string &problem : problems_of_dates(now)) {
        if (!problem.starts_with("expire")) // which is said
            text += "; it " + problem;
    }
    for (const std::string &problem : lasting_problems_)
        text += "; it " + problem;
    if (!careless_key_file_.empty())
        text += "; its key can be read or changed by others";
    return text;
}

} // namespace jabberd::tls
