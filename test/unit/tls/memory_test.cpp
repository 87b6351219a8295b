// SPDX-License-Identifier: LGPL-2.1-or-later
// What a connection costs that says nothing: nearly all of them, nearly always.
#include "tls/ends.h"

#include <malloc.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HEAP_OF_A_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HEAP_OF_A_SANITIZER
#endif
#endif

namespace jabberd::test {
namespace {

class TlsMemory : public TlsEnds {
protected:
    // Bytes of heap for each of many connections, with the client's end gone.
    std::size_t heap_per_connection(int version)
    {
        constexpr std::size_t warm_up = 10, many = 400;
        std::vector<std::unique_ptr<tls::TlsTransport>> idle;
        std::vector<int> ends;
        std::size_t before = 0;
        for (std::size_t i = 0; i < warm_up + many; ++i) {
            if (i == warm_up)
                before = mallinfo2().uordblks;
            connect({.min_version = version, .max_version = version});
            shake();
            EXPECT_TRUE(server->handshake_done());
            // One stanza each way.
            client->write("<presence/>");
            client->flush();
            EXPECT_EQ(read_all(), "<presence/>");
            server->write("<presence/>");
            EXPECT_EQ(client->read(), "<presence/>");
            idle.push_back(std::move(server));
            client.reset();
        }
        return (mallinfo2().uordblks - before) / many;
    }
};

TEST_F(TlsMemory, OfAnIdleConnectionIsLittle)
{
#ifdef HEAP_OF_A_SANITIZER
    GTEST_SKIP() << "not with the heap of a sanitizer";
#endif
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const std::size_t bytes = heap_per_connection(version);
        RecordProperty(version == TLS1_3_VERSION ? "tls_1_3" : "tls_1_2", static_cast<int>(bytes));
        std::printf("%s: %zu bytes\n", version == TLS1_3_VERSION ? "TLS 1.3" : "TLS 1.2", bytes);
        EXPECT_LE(bytes, 20'000u);
    }
}

} // namespace
} // namespace jabberd::test
