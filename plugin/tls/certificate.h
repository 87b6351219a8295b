// SPDX-License-Identifier: LGPL-2.1-or-later
// One certificate with its chain and key, ready for handshakes.
#pragma once

#include "tls/openssl.h"

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::tls {

using Date = std::chrono::system_clock::time_point;

// The text names the file and says what is wrong with it.
struct CertificateError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Immutable. Thread-safe.
class Certificate {
public:
    // PEM: the certificate, then those of its chain; the key in a file of its own, or in the same ("" for the key).
    // Throws CertificateError unless they can be used together.
    // `also_for`: names of ours beside those in it.
    explicit Certificate(std::string file, const std::string &key_file = {}, std::vector<std::string> also_for = {});

    SSL_CTX &ctx() const { return *ctx_; }
    const std::string &file() const { return file_; }
    const std::vector<std::string> &names() const { return names_; } // DNS names, wildcards as they are written
    Date not_after() const { return not_after_; }
    bool self_signed() const { return self_signed_; }

    bool covers(std::string_view host) const;      // also by a wildcard
    bool is_also_for(std::string_view host) const; // by our word

    // What an operator should know: nothing that keeps it from being used. Each names the file.
    std::vector<std::string> warnings(Date now) const;

    // "expires 2027-02-03 (in 73 days), self-signed: for tests only", and all that warnings() has besides.
    std::string status(Date now) const;

private:
    std::vector<std::string> problems_of_dates(Date now) const;
    void install(const std::string &pem, const std::string &key_pem, const std::string &key_file);

    std::string file_;
    SslCtxPtr ctx_;
    X509Ptr certificate_;
    std::vector<std::string> names_;
    std::vector<std::string> also_for_;
    Date not_after_;
    bool self_signed_ = false;
    std::vector<std::string> lasting_problems_;
    std::string careless_key_file_; // "" or the one that others can read or change
};

} // namespace jabberd::tls
