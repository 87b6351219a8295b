// SPDX-License-Identifier: LGPL-2.1-or-later
// Ranges of addresses, and who may come from where.
#pragma once

#include "net/socket_address.h"

#include <optional>
#include <string_view>
#include <vector>

namespace jabberd::net {

// An address, or all that begin like it.
class Network {
public:
    // The mask is "255.255.255.0" or a number of bits; "": this one address. Of an IPv4 network the bits may be counted
    // as jabberd 1.4 did, from the begin of ::ffff:a.b.c.d: 120 is 24. Nothing when it is no address, or no such mask.
    static std::optional<Network> parse(std::string_view address, std::string_view mask);

    bool contains(const SocketAddress &address) const { return address.shares_prefix(address_, bits_); }
    bool single() const { return single_; } // configured without a mask

private:
    SocketAddress address_;
    unsigned bits_ = 0;
    bool single_ = false;
};

// The addresses that are allowed (none named: all), less those that are denied. Where both lists know an address the
// more exact word counts, a single address before a network, and the denial where they are alike. So does jabberd 1.4.
struct AccessList {
    std::vector<Network> allowed, denied;

    bool admits(const SocketAddress &address) const;
};

} // namespace jabberd::net
