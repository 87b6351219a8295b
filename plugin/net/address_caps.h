// SPDX-License-Identifier: LGPL-2.1-or-later
// How much of the server one network address may have.
#pragma once

#include "base/clock.h"
#include "net/address_share.h"
#include "net/socket_address.h"
#include "net/token_bucket.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

namespace jabberd::net {

// Counts connections and attempts per prefix (SocketAddress::prefix). Thread-safe: connections end on other threads
// than they begin.
class AddressCaps {
public:
    // What its clients make us hold is of all memory. So many event loops have clients.
    AddressCaps(Share &memory, Quota &memory_of_address, unsigned loops)
        : memory_(memory), memory_of_address_(memory_of_address), loops_(loops)
    {
    }

    enum class Verdict { Admitted, TooMany, TooFast };

    Verdict admit(const SocketAddress &address, std::uint32_t max_connections, const Rate &attempts,
                  Time now); // 0: no cap
    // Takes one of the address's attempts for what costs as much as a connection. False: there is none left.
    bool spend(const SocketAddress &address, const Rate &attempts, Time now);
    AddressShare &restore(const SocketAddress &address); // of one that a predecessor has admitted
    void release(const SocketAddress &address);          // of one that was admitted

    // What the address has. It stays where it is while one of its connections is admitted.
    AddressShare &share_of(const SocketAddress &address);

    // Whose clients make us hold most. Nothing: nobody's do.
    struct Holder {
        SocketAddress::Prefix prefix;
        std::size_t memory, connections;
    };
    std::optional<Holder> heaviest();
    Holder holder(const SocketAddress &address);

private:
    struct Prefix {
        Prefix(const TokenBucket &attempts_, Time last_, AddressCaps &caps)
            : attempts(attempts_), last(last_), share(caps.memory_of_address_, caps.memory_, caps.loops_)
        {
        }

        std::uint32_t connections = 0;
        TokenBucket attempts;
        Time last;
        AddressShare share;
    };

    Prefix &known(const SocketAddress &address);
    static bool take(Prefix &prefix, const Rate &attempts, Time now);
    void forget_old(const Rate &attempts, Time now);

    Share &memory_;
    Quota &memory_of_address_;
    const unsigned loops_;
    std::mutex mutex_;
    std::map<SocketAddress::Prefix, Prefix> prefixes_;
    std::size_t forget_at_ = 1024; // doubles with what remains, so forgetting costs O(1) an attempt
};

} // namespace jabberd::net
