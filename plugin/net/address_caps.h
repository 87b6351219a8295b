// SPDX-License-Identifier: LGPL-2.1-or-later
// How much of the server one network address may have.
#pragma once

#include "base/clock.h"
#include "net/socket_address.h"
#include "net/token_bucket.h"

#include <array>
#include <cstdint>
#include <map>
#include <mutex>

namespace jabberd::net {

// Counts connections and attempts per prefix (SocketAddress::prefix). Thread-safe: connections end on other threads
// than they begin.
class AddressCaps {
public:
    enum class Verdict { Admitted, TooMany, TooFast };

    Verdict admit(const SocketAddress &address, std::uint32_t max_connections, const Rate &attempts,
                  Time now); // 0: no cap
    // Takes one of the address's attempts for what costs as much as a connection. False: there is none left.
    bool spend(const SocketAddress &address, const Rate &attempts, Time now);
    void restore(const SocketAddress &address); // of one that a predecessor has admitted
    void release(const SocketAddress &address); // of one that was admitted

private:
    struct Prefix {
        std::uint32_t connections;
        TokenBucket attempts;
        Time last;
    };

    static bool take(Prefix &prefix, const Rate &attempts, Time now);
    void forget_old(const Rate &attempts, Time now);

    std::mutex mutex_;
    std::map<std::array<std::uint8_t, 9>, Prefix> prefixes_;
    std::size_t forget_at_ = 1024; // doubles with what remains, so forgetting costs O(1) an attempt
};

} // namespace jabberd::net
