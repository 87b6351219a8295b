// SPDX-License-Identifier: LGPL-2.1-or-later
// OpenSSL's objects with one owner, and its errors as text.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace jabberd::tls {

template <auto free_function>
struct FreeWith {
    template <typename Object>
    void operator()(Object *object) const
    {
        free_function(object);
    }
};

using SslPtr = std::unique_ptr<SSL, FreeWith<SSL_free>>;
using SslCtxPtr = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;
using X509Ptr = std::unique_ptr<X509, FreeWith<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free>>;

// The first error of this thread's queue, which is the cause of the others; empties the queue.
inline std::string take_error()
{
    const unsigned long first = ERR_get_error();
    ERR_clear_error();
    const char *reason = ERR_reason_error_string(first);
    return reason == nullptr ? "unknown error" : reason;
}

} // namespace jabberd::tls
