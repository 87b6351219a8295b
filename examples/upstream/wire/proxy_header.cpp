// SPDX-License-Identifier: LGPL-2.1-or-later
#include "upstream/wire/proxy_header.h"

#include <string_view>

namespace jabberd::upstream {

namespace {

constexpr std::string_view signature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr char local = '\x20', proxy = '\x21';                 // version 2, and the command
constexpr std::size_t skipped = 12;                            // bytes of a block that LOCAL has for nothing
constexpr char tcp_over_ipv4 = '\x11', tcp_over_ipv6 = '\x21'; // family and transport

net::SocketAddress in_family_of(const net::SocketAddress &client, const net::SocketAddress &server)
{
    if (client.family() == server.family())
        return server;
    return *net::SocketAddress::parse(client.family() == AF_INET6 ? "::" : "0.0.0.0", server.port());
}

// In the byte order of the network.
void append_address(std::string &out, const net::SocketAddress &address)
{
    const sockaddr_storage storage = address.storage();
    if (address.family() == AF_INET6) {
        const auto &v6 = reinterpret_cast<const sockaddr_in6 &>(storage);
        out.append(reinterpret_cast<const char *>(&v6.sin6_addr), sizeof v6.sin6_addr);
    } else {
        const auto &v4 = reinterpret_cast<const sockaddr_in &>(storage);
        out.append(reinterpret_cast<const char *>(&v4.sin_addr), sizeof v4.sin_addr);
    }
}

void append_number(std::string &out, std::size_t number)
{
    out += static_cast<char>(number >> 8 & 0xff);
    out += static_cast<char>(number & 0xff);
}

} // namespace

std::string proxy_header_v1(const std::optional<net::SocketAddress> &client, const net::SocketAddress &server)
{
    if (!client)
        return "PROXY UNKNOWN\r\n";
    const net::SocketAddress to = in_family_of(*client, server);
    return std::string{client->family() == AF_INET6 ? "PROXY TCP6 " : "PROXY TCP4 "} + client->host() + ' ' +
           to.host() + ' ' + std::to_string(client->port()) + ' ' + std::to_string(to.port()) + "\r\n";
}

std::string proxy_header_v2(const std::optional<net::SocketAddress> &client, const net::SocketAddress &server)
{
    std::string out{signature};
    if (!client) {
        // ejabberd takes an empty block for as much as has come, and would skip the stream's header.
        out += local;
        out += '\0';
        append_number(out, skipped);
        return out.append(skipped, '\0');
    }
    const net::SocketAddress to = in_family_of(*client, server);
    std::string addresses;
    append_address(addresses, *client);
    append_address(addresses, to);
    append_number(addresses, client->port());
    append_number(addresses, to.port());
    out += proxy;
    out += client->family() == AF_INET6 ? tcp_over_ipv6 : tcp_over_ipv4;
    append_number(out, addresses.size());
    return out += addresses;
}

} // namespace jabberd::upstream
