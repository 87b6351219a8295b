// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/network.h"

#include <algorithm>
#include <bit>
#include <charconv>

namespace jabberd::net {

namespace {

constexpr unsigned v4_bits = 32, v6_bits = 128;

std::optional<unsigned> number(std::string_view digits)
{
    unsigned value = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (problem != std::errc{} || end != digits.data() + digits.size())
        return std::nullopt;
    return value;
}

// Of 255.255.255.0. Nothing when a one follows a zero.
std::optional<unsigned> bits_of(const SocketAddress &mask)
{
    const sockaddr_storage storage = mask.storage();
    const std::uint32_t bits = ntohl(reinterpret_cast<const sockaddr_in &>(storage).sin_addr.s_addr);
    const int ones = std::countl_one(bits);
    return std::popcount(bits) == ones ? std::optional{static_cast<unsigned>(ones)} : std::nullopt;
}

// How well a list knows an address: not at all, by a network, by itself.
int knowledge(const std::vector<Network> &list, const SocketAddress &address)
{
    int best = 0;
    for (const Network &network : list) {
        if (network.contains(address))
            best = std::max(best, network.single() ? 2 : 1);
    }
    return best;
}

} // namespace

std::optional<Network> Network::parse(std::string_view address, std::string_view mask)
{
    const auto parsed = SocketAddress::parse(address, 0);
    if (!parsed)
        return std::nullopt;
    const bool v4 = parsed->family() == AF_INET;
    Network network;
    network.address_ = *parsed;
    network.bits_ = v4 ? v4_bits : v6_bits;
    network.single_ = mask.empty();
    if (mask.empty())
        return network;
    const auto dotted = v4 ? SocketAddress::parse(mask, 0) : std::nullopt;
    auto bits = dotted && dotted->family() == AF_INET ? bits_of(*dotted) : number(mask);
    if (v4 && bits && *bits >= v6_bits - v4_bits)
        *bits -= v6_bits - v4_bits;
    if (!bits || *bits > network.bits_)
        return std::nullopt;
    network.bits_ = *bits;
    return network;
}

bool AccessList::admits(const SocketAddress &address) const
{
    const int allowance = allowed.empty() ? 1 : knowledge(allowed, address);
    return allowance > knowledge(denied, address);
}

} // namespace jabberd::net
