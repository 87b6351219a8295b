// SPDX-License-Identifier: LGPL-2.1-or-later
// An IP address and port, as a value.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace jabberd::net {

// IPv4 addresses that arrive on an IPv6 socket (::ffff:a.b.c.d) are IPv4 addresses here.
class SocketAddress {
public:
    using Prefix = std::array<std::uint8_t, 9>; // compares as addresses do

    SocketAddress() = default;
    explicit SocketAddress(const sockaddr_storage &address);

    // "127.0.0.1", "::1" or "fe80::1%eth0"; numbers only, no name of a host is looked up.
    static std::optional<SocketAddress> parse(std::string_view address, std::uint16_t port);

    // What to_string() says.
    static std::optional<SocketAddress> from_string(std::string_view text);

    sockaddr_storage storage() const;
    socklen_t storage_size() const { return v6_ ? sizeof(sockaddr_in6) : sizeof(sockaddr_in); }
    int family() const { return v6_ ? AF_INET6 : AF_INET; }
    std::uint16_t port() const { return port_; }
    std::string host() const; // "192.0.2.1", "2001:db8::1", "fe80::1%eth0"

    // Whether it is one that every machine with IPv6 has: ::, or ::1.
    bool is_of_every_ipv6() const;

    // Our end of a connection, or where a socket listens.
    static SocketAddress of(int fd);

    std::string to_string() const; // "192.0.2.1:5222", "[2001:db8::1]:5222"

    // Whether both begin with the same so many bits, of 32 or 128, and are of one family.
    bool shares_prefix(const SocketAddress &other, unsigned bits) const;

    friend bool operator==(const SocketAddress &, const SocketAddress &) = default;

    // What a provider gives to one of its customers: an IPv4 address, or an IPv6 /64. For caps per address.
    Prefix prefix() const;

private:
    std::array<std::uint8_t, 16> bytes_{};
    std::uint32_t scope_ = 0; // of link-local addresses
    std::uint16_t port_ = 0;
    bool v6_ = false;
};

} // namespace jabberd::net
