// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/socket_address.h"

#include <arpa/inet.h>
#include <net/if.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace jabberd::net {

SocketAddress::SocketAddress(const sockaddr_storage &address)
{
    if (address.ss_family == AF_INET6) {
        const auto &in6 = reinterpret_cast<const sockaddr_in6 &>(address);
        port_ = ntohs(in6.sin6_port);
        v6_ = !IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr);
        scope_ = v6_ ? in6.sin6_scope_id : 0;
        if (v6_)
            std::memcpy(bytes_.data(), &in6.sin6_addr, 16);
        else
            std::memcpy(bytes_.data(), in6.sin6_addr.s6_addr + 12, 4);
    } else {
        const auto &in = reinterpret_cast<const sockaddr_in &>(address);
        port_ = ntohs(in.sin_port);
        std::memcpy(bytes_.data(), &in.sin_addr, 4);
    }
}

namespace {

// RFC 4007 §11.2: the name of an interface here, or its number. 0 would be none.
std::optional<std::uint32_t> scope_of(const std::string &zone)
{
    if (const unsigned index = if_nametoindex(zone.c_str()); index != 0)
        return index;
    std::uint32_t number = 0;
    const auto [end, problem] = std::from_chars(zone.data(), zone.data() + zone.size(), number);
    if (problem != std::errc{} || end != zone.data() + zone.size() || number == 0)
        return std::nullopt;
    return number;
}

std::string zone_of(std::uint32_t scope)
{
    std::array<char, IF_NAMESIZE> name;
    return if_indextoname(scope, name.data()) == nullptr ? std::to_string(scope) : name.data();
}

} // namespace

std::optional<SocketAddress> SocketAddress::parse(std::string_view address, std::uint16_t port)
{
    SocketAddress parsed;
    parsed.port_ = port;
    const std::string number{address.substr(0, address.find('%'))};
    const bool has_scope = number.size() < address.size();
    if (inet_pton(AF_INET, number.c_str(), parsed.bytes_.data()) == 1)
        return has_scope ? std::nullopt : std::optional{parsed};
    parsed.v6_ = true;
    if (inet_pton(AF_INET6, number.c_str(), parsed.bytes_.data()) != 1)
        return std::nullopt;
    if (has_scope) {
        const auto scope = scope_of(std::string{address.substr(number.size() + 1)});
        if (!scope)
            return std::nullopt;
        parsed.scope_ = *scope;
    }
    return parsed;
}

std::optional<SocketAddress> SocketAddress::from_string(std::string_view text)
{
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    std::string_view address = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    if (address.starts_with('[') && address.ends_with(']'))
        address = address.substr(1, address.size() - 2);
    std::uint16_t port = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (problem != std::errc{} || end != digits.data() + digits.size())
        return std::nullopt;
    return parse(address, port);
}

sockaddr_storage SocketAddress::storage() const
{
    sockaddr_storage address{};
    if (v6_) {
        auto &in6 = reinterpret_cast<sockaddr_in6 &>(address);
        in6.sin6_family = AF_INET6;
        in6.sin6_port = htons(port_);
        in6.sin6_scope_id = scope_;
        std::memcpy(&in6.sin6_addr, bytes_.data(), 16);
    } else {
        auto &in = reinterpret_cast<sockaddr_in &>(address);
        in.sin_family = AF_INET;
        in.sin_port = htons(port_);
        std::memcpy(&in.sin_addr, bytes_.data(), 4);
    }
    return address;
}

std::string SocketAddress::host() const
{
    std::array<char, INET6_ADDRSTRLEN> number;
    inet_ntop(family(), bytes_.data(), number.data(), number.size());
    return scope_ == 0 ? number.data() : std::string{number.data()} + "%" + zone_of(scope_);
}

bool SocketAddress::is_of_every_ipv6() const
{
    return v6_ && scope_ == 0 && std::ranges::all_of(bytes_.begin(), bytes_.end() - 1, [](auto b) { return b == 0; }) &&
           bytes_.back() <= 1;
}

std::string SocketAddress::to_string() const
{
    const std::string port = std::to_string(port_);
    return v6_ ? "[" + host() + "]:" + port : host() + ":" + port;
}

SocketAddress SocketAddress::of(int fd)
{
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    ::getsockname(fd, reinterpret_cast<sockaddr *>(&storage), &size);
    return SocketAddress{storage};
}

bool SocketAddress::shares_prefix(const SocketAddress &other, unsigned bits) const
{
    const unsigned whole = bits / 8, rest = bits % 8;
    if (v6_ != other.v6_ || std::memcmp(bytes_.data(), other.bytes_.data(), whole) != 0)
        return false;
    return rest == 0 || (bytes_[whole] ^ other.bytes_[whole]) >> (8 - rest) == 0;
}

SocketAddress::Prefix SocketAddress::prefix() const
{
    Prefix prefix{};
    prefix[0] = v6_;
    std::copy_n(bytes_.begin(), v6_ ? 8 : 4, prefix.begin() + 1);
    return prefix;
}

} // namespace jabberd::net
