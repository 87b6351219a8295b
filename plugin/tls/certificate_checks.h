// SPDX-License-Identifier: LGPL-2.1-or-later
// What is wrong with a certificate for clients, though a server can use it.
#pragma once

#include "tls/openssl.h"

#include <string>
#include <vector>

namespace jabberd::tls {

// Of the certificate, key and chain in `ctx`; each goes on after "file.pem ". Nothing of dates, which change.
std::vector<std::string> lasting_problems(SSL_CTX &ctx);

// Those of the chain, the certificate itself first. Borrowed from `ctx`.
std::vector<X509 *> chain_of(SSL_CTX &ctx);

// "CN=R3,O=Let's Encrypt", as an operator knows it.
std::string name_of(const X509_NAME &name);

} // namespace jabberd::tls
