// SPDX-License-Identifier: LGPL-2.1-or-later
// Credentials of accounts that do not exist.
#pragma once

#include "session_manager/accounts/credentials.h"

#include <openssl/evp.h>

#include <memory>
#include <string_view>

namespace jabberd::session_manager {

// What a login of an unknown user is checked against, so that a client cannot tell it from one with a wrong password:
// no password matches, and the check takes as long. The same secret and address always give the same salt, as an
// account has the same salt each time. One thread at a time.
class Decoys {
public:
    explicit Decoys(std::string_view secret);

    Credentials of(std::string_view address, unsigned iterations) const;

private:
    struct Freer {
        void operator()(EVP_MAC_CTX *context) const { EVP_MAC_CTX_free(context); }
    };
    using Context = std::unique_ptr<EVP_MAC_CTX, Freer>;

    // HMAC that has its key already: each login, of known users as well, makes a decoy, and OpenSSL looks an algorithm
    // up for longer than it computes.
    const Context keyed_;
};

} // namespace jabberd::session_manager
