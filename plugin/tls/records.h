// SPDX-License-Identifier: LGPL-2.1-or-later
// TLS records that have come from a socket, as OpenSSL reads them.
#pragma once

#include "tls/openssl.h"

#include <openssl/buffer.h>

#include <cstddef>
#include <span>

namespace jabberd::tls {

// Of one event loop: lent to one SSL at a time, so that no connection owns a buffer. It is a BIO of OpenSSL's own kind,
// for functions of ours must not be found in an SSL that a successor gets.
class Records {
public:
    Records(); // throws std::bad_alloc

    // The SSL reads these bytes in place of its socket, and at their end waits for more, as at a socket.
    class Lent {
    public:
        Lent(Records &records, SSL &ssl, std::span<char> bytes);
        ~Lent();
        Lent(const Lent &) = delete;
        Lent &operator=(const Lent &) = delete;

        // Bytes that the SSL has not taken.
        std::size_t left() const { return static_cast<std::size_t>(BIO_pending(records_.bio_.get())); }

    private:
        Records &records_;
        SSL &ssl_;
    };

private:
    BioPtr bio_;
    BUF_MEM bytes_{};
};

} // namespace jabberd::tls
