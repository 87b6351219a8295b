// SPDX-License-Identifier: LGPL-2.1-or-later
// A certificate for the first start, so that a server is not tried out without TLS.
#pragma once

#include <string>

namespace jabberd::tls {

// Makes a certificate for this host that is its own issuer, and its key, in one PEM file that only we can read. The
// file appears whole or not at all. False: there is a file already, which stays as it is. Throws CertificateError.
bool make_self_signed(const std::string &path, const std::string &host);

} // namespace jabberd::tls
