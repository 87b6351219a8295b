// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/proxy_header.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <vector>

namespace jabberd::net {

namespace {

using namespace std::string_view_literals;
using Parsed = ParsedProxyHeader;

// Section numbers are those of proxy-protocol.txt.

constexpr auto signature_v1 = "PROXY "sv;
constexpr auto signature_v2 = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::size_t max_line = 107; // §2.1, with its CR LF

// §2.2
constexpr std::size_t fixed_part = 16;
constexpr unsigned version_2 = 2, command_local = 0, command_proxy = 1;
constexpr unsigned unspecified = 0x00, tcp_v4 = 0x11, udp_v4 = 0x12, tcp_v6 = 0x21, udp_v6 = 0x22, unix_stream = 0x31,
                   unix_datagram = 0x32;
constexpr std::size_t tlv_head = 3;        // its type, and its length in two bytes
constexpr unsigned char tlv_crc32c = 0x03; // §2.2.3

unsigned byte(std::string_view bytes, std::size_t at)
{
    return static_cast<unsigned char>(bytes[at]);
}

std::size_t big_endian_16(std::string_view bytes, std::size_t at)
{
    return byte(bytes, at) << 8 | byte(bytes, at + 1);
}

bool is_begin_of(std::string_view bytes, std::string_view signature)
{
    return bytes.substr(0, signature.size()) == signature.substr(0, bytes.size());
}

// The words between single spaces, without the signature.
std::vector<std::string_view> words_of(std::string_view line)
{
    std::vector<std::string_view> words;
    for (;;) {
        const auto space = line.find(' ');
        words.push_back(line.substr(0, space));
        if (space == std::string_view::npos)
            return words;
        line.remove_prefix(space + 1);
    }
}

// Heading zeroes are not allowed: some read octal by them.
std::optional<std::uint16_t> port_of(std::string_view digits)
{
    std::uint16_t port = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    const bool heading_zero = digits.size() > 1 && digits.front() == '0';
    if (problem != std::errc{} || end != digits.data() + digits.size() || heading_zero)
        return std::nullopt;
    return port;
}

// An address of that family, without a zone. One that came through an IPv6 socket of the proxy (::ffff:a.b.c.d) is
// IPv4, as it would be on a socket of ours: the constructor from a sockaddr sees to that.
std::optional<SocketAddress> address_of(std::string_view word, int family, std::uint16_t port)
{
    const auto address = word.find('%') == std::string_view::npos ? SocketAddress::parse(word, port) : std::nullopt;
    if (!address || address->family() != family)
        return std::nullopt;
    return SocketAddress{address->storage()};
}

Parsed parse_line(std::string_view line)
{
    const auto words = words_of(line.substr(signature_v1.size()));
    if (words[0] == "UNKNOWN") // what follows it has no meaning
        return ProxyHeader{};
    if (words[0] != "TCP4" && words[0] != "TCP6")
        return ProxyHeaderFault{"its PROXY line is of none of TCP4, TCP6 and UNKNOWN"};
    if (words.size() != 5)
        return ProxyHeaderFault{"its PROXY line has not two addresses and two ports, a space between them"};
    const int family = words[0] == "TCP4" ? AF_INET : AF_INET6;
    const auto port = port_of(words[3]);
    if (!port || !port_of(words[4]))
        return ProxyHeaderFault{"a port in its PROXY line is none"};
    const auto client = address_of(words[1], family, *port);
    if (!client || !address_of(words[2], family, 0))
        return ProxyHeaderFault{"an address in its PROXY line is none of that family"};
    return ProxyHeader{client, 0};
}

Parsed parse_v1(std::string_view bytes)
{
    const auto end = bytes.substr(0, max_line).find('\n');
    if (end == std::string_view::npos) {
        if (bytes.size() < max_line)
            return IncompleteProxyHeader{};
        return ProxyHeaderFault{"its PROXY line is longer than 107 bytes"};
    }
    if (bytes[end - 1] != '\r')
        return ProxyHeaderFault{"its PROXY line does not end with CR LF"};
    Parsed parsed = parse_line(bytes.substr(0, end - 1));
    if (auto *header = std::get_if<ProxyHeader>(&parsed))
        header->bytes = end + 1;
    return parsed;
}

constexpr std::array<std::uint32_t, 256> make_crc32c_table()
{
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit)
            crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82F63B78u : 0u); // RFC 4960 appendix B
        table[i] = crc;
    }
    return table;
}
constexpr auto crc32c_table = make_crc32c_table();

// With the four bytes of the checksum itself, at `at`, taken for zeroes.
bool checksum_fits(std::string_view header, std::size_t at)
{
    std::uint32_t crc = UINT32_MAX;
    for (std::size_t i = 0; i < header.size(); ++i)
        crc = crc >> 8 ^ crc32c_table[(crc ^ (i - at < 4 ? 0u : byte(header, i))) & 0xFF];
    return ~crc == (big_endian_16(header, at) << 16 | big_endian_16(header, at + 2));
}

// Of the extensions of a header from `at` on. Nothing: there is none.
std::optional<ProxyHeaderFault> fault_in_extensions(std::string_view header, std::size_t at)
{
    while (at < header.size()) {
        if (header.size() - at < tlv_head)
            return ProxyHeaderFault{"an extension in its PROXY header is cut"};
        const std::size_t size = big_endian_16(header, at + 1), value = at + tlv_head;
        if (size > header.size() - value)
            return ProxyHeaderFault{"an extension in its PROXY header is longer than the header"};
        if (byte(header, at) == tlv_crc32c && (size != 4 || !checksum_fits(header, value)))
            return ProxyHeaderFault{"the checksum of its PROXY header is wrong"};
        at = value + size;
    }
    return std::nullopt;
}

// Source and destination, then their ports.
std::optional<std::size_t> address_bytes(unsigned family)
{
    switch (family) {
    case tcp_v4:
    case udp_v4: return 12;
    case tcp_v6:
    case udp_v6: return 36;
    case unix_stream:
    case unix_datagram: return 216;
    default: return std::nullopt;
    }
}

// Nothing: of a family whose addresses are passed over.
std::optional<SocketAddress> client_of(std::string_view addresses, unsigned family)
{
    sockaddr_storage storage{};
    if (family == tcp_v4) {
        auto &in = reinterpret_cast<sockaddr_in &>(storage);
        in.sin_family = AF_INET;
        std::memcpy(&in.sin_addr, addresses.data(), 4);
        std::memcpy(&in.sin_port, addresses.data() + 8, 2);
    } else if (family == tcp_v6) {
        auto &in6 = reinterpret_cast<sockaddr_in6 &>(storage);
        in6.sin6_family = AF_INET6;
        std::memcpy(&in6.sin6_addr, addresses.data(), 16);
        std::memcpy(&in6.sin6_port, addresses.data() + 32, 2);
    } else {
        return std::nullopt;
    }
    return SocketAddress{storage};
}

Parsed parse_v2(std::string_view bytes)
{
    if (bytes.size() < fixed_part)
        return IncompleteProxyHeader{};
    const unsigned version = byte(bytes, 12) >> 4, command = byte(bytes, 12) & 0xF, family = byte(bytes, 13);
    const std::size_t size = fixed_part + big_endian_16(bytes, 14);
    if (version != version_2 || (command != command_local && command != command_proxy))
        return ProxyHeaderFault{"its PROXY header is of an unknown version or command"};
    if (size > max_proxy_header)
        return ProxyHeaderFault{"its PROXY header is longer than 4096 bytes"};
    const bool complete = bytes.size() >= size;
    if (command == command_local || family == unspecified) // all that follows is passed over, with the family
        return complete ? Parsed{ProxyHeader{std::nullopt, size}} : IncompleteProxyHeader{};
    const auto addresses = address_bytes(family);
    if (!addresses)
        return ProxyHeaderFault{"its PROXY header is of an unknown family of addresses"};
    if (fixed_part + *addresses > size)
        return ProxyHeaderFault{"its PROXY header is too short for its addresses"};
    if (!complete)
        return IncompleteProxyHeader{};
    const std::string_view header = bytes.substr(0, size);
    if (const auto fault = fault_in_extensions(header, fixed_part + *addresses))
        return *fault;
    return ProxyHeader{client_of(header.substr(fixed_part), family), size};
}

} // namespace

bool begins_proxy_header(std::string_view bytes)
{
    return bytes.starts_with(signature_v1) || bytes.starts_with(signature_v2);
}

ParsedProxyHeader parse_proxy_header(std::string_view bytes)
{
    if (is_begin_of(bytes, signature_v2))
        return parse_v2(bytes);
    if (is_begin_of(bytes, signature_v1))
        return parse_v1(bytes);
    return ProxyHeaderFault{"it does not begin with a PROXY header"};
}

} // namespace jabberd::net
