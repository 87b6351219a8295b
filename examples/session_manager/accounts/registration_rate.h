// SPDX-License-Identifier: LGPL-2.1-or-later
// How many accounts one network address may register in a time, over all its connections.
#pragma once

#include "net/token_bucket.h"

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace jabberd::session_manager {

// Who is behind a client's address, as a socket manager writes it: an IPv6 customer has a /64 (RFC 6177). [any-thread]
std::string network_of(std::string_view address);

// [any-thread]
class RegistrationRate {
public:
    enum class Verdict { Admitted, Refused, RefusedAgain }; // again: since the last that was admitted

    // `address` as a socket manager writes it; connections that it tells no address of share one allowance.
    Verdict admit(std::string_view address, const net::Rate &rate, Time now);

private:
    struct Customer {
        net::TokenBucket registrations;
        bool refused;
    };

    void forget_full(const net::Rate &rate, Time now);

    std::mutex mutex_;
    std::map<std::string, Customer> customers_;
    std::size_t forget_at_ = 1024; // doubles with what remains, so forgetting costs O(1) a registration
};

} // namespace jabberd::session_manager
