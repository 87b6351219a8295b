// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tls/records.h"

#include <cassert>
#include <new>

namespace jabberd::tls {

Records::Records() : bio_{BIO_new(BIO_s_mem())}
{
    if (!bio_)
        throw std::bad_alloc{};
    BIO_set_mem_eof_return(bio_.get(), -1); // an empty buffer is no end of the stream: the SSL waits for more records
}

Records::Lent::Lent(Records &records, SSL &ssl, std::span<char> bytes) : records_(records), ssl_(ssl)
{
    records_.bytes_ = {.length = bytes.size(), .data = bytes.data(), .max = bytes.size(), .flags = 0};
    BIO_set_mem_buf(records_.bio_.get(), &records_.bytes_, BIO_NOCLOSE);
    BIO_up_ref(records_.bio_.get());
    SSL_set0_rbio(&ssl_, records_.bio_.get());
}

Records::Lent::~Lent()
{
    BIO *const socket = SSL_get_wbio(&ssl_);
    assert(BIO_method_type(socket) == BIO_TYPE_SOCKET && "the handshake is over");
    BIO_up_ref(socket);
    SSL_set0_rbio(&ssl_, socket);
}

} // namespace jabberd::tls
