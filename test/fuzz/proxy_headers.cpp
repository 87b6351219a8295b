// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/proxy_headers.h"

#include "base/unique_fd.h"
#include "net/proxy_header_reader.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <array>
#include <vector>

namespace jabberd::fuzz {

namespace {

using namespace std::string_literals;

// "192.0.2.7:40210 28", "- 16", "?" while it is not complete, "!" when it is none.
std::string verdict(std::string_view bytes)
{
    // In memory of its own size, so that a sanitizer sees a read beyond it.
    const std::vector<char> exact{bytes.begin(), bytes.end()};
    const auto parsed = net::parse_proxy_header({exact.data(), exact.size()});
    if (std::holds_alternative<net::ProxyHeaderFault>(parsed))
        return "!";
    const auto *header = std::get_if<net::ProxyHeader>(&parsed);
    if (header == nullptr)
        return "?";
    return (header->client ? header->client->to_string() : "-") + " " + std::to_string(header->bytes);
}

std::string shown(std::string_view bytes)
{
    std::string out;
    for (const char c : bytes) {
        std::array<char, 5> hexadecimal;
        std::snprintf(hexadecimal.data(), hexadecimal.size(), "\\x%02x", static_cast<unsigned char>(c));
        out += c >= ' ' && c <= '~' ? std::string{c} : std::string{hexadecimal.data()};
    }
    return out;
}

// What the reader makes of it, in verdict()'s words. `left`: what it leaves.
std::string read_in_pieces(std::string_view bytes, Random &random, std::string &left)
{
    std::array<int, 2> ends;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return "no sockets";
    const UniqueFd proxy{ends[0]}, ours{ends[1]};
    const auto peer = *net::SocketAddress::parse("fe80::1%1", 1); // which no header can name
    net::ProxyHeaderReader reader{peer};
    std::size_t sent = 0;
    std::string found = "?";
    while (sent < bytes.size() && found == "?") {
        const std::size_t piece = std::min<std::size_t>(bytes.size() - sent, 1 + random() % (random() % 2 ? 8 : 400));
        if (::send(proxy.get(), bytes.data() + sent, piece, 0) != static_cast<ssize_t>(piece))
            return "a socket that takes nothing";
        sent += piece;
        if (random() % 4 == 0)
            reader = net::ProxyHeaderReader{peer, std::string{reader.begun()}}; // a successor
        const auto result = reader.read(ours.get());
        if (std::holds_alternative<net::ProxyHeaderFault>(result))
            found = "!";
        else if (const auto *header = std::get_if<net::ProxyHeader>(&result))
            found = (header->client ? header->client->to_string() : "-") + " " + std::to_string(header->bytes);
    }
    std::array<char, 8192> rest;
    const ssize_t size = ::recv(ours.get(), rest.data(), rest.size(), 0);
    left.assign(rest.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    left += bytes.substr(sent);
    if (found == "?" && reader.complete())
        found = "- " + std::to_string(reader.begun().size()); // only its first byte is missing
    return found;
}

std::string in_network_order(std::size_t number)
{
    return {static_cast<char>(number >> 8), static_cast<char>(number)};
}

std::string some_bytes_of(std::size_t size, Random &random)
{
    std::string bytes(size, '\0');
    for (char &byte : bytes)
        byte = static_cast<char>(random());
    return bytes;
}

std::string in_words(int family, const std::string &address)
{
    std::array<char, INET6_ADDRSTRLEN> words;
    return inet_ntop(family, address.data(), words.data(), words.size());
}

// Bit by bit, where the parser has a table.
std::uint32_t crc32c(std::string_view bytes)
{
    std::uint32_t crc = UINT32_MAX;
    for (const char byte : bytes) {
        crc ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78u : crc >> 1;
    }
    return ~crc;
}

std::string with_head(unsigned char command, unsigned char family, const std::string &rest)
{
    return "\r\n\r\n\0\r\nQUIT\n"s + static_cast<char>(command) + static_cast<char>(family) +
           in_network_order(rest.size()) + rest;
}

std::string some_extensions(Random &random)
{
    std::string all;
    for (auto i = random() % 4; i > 0; --i) {
        const std::size_t size = random() % (random() % 4 == 0 ? 300 : 10);
        all += (random() % 2 == 0 ? "\x04"s : "\xE0"s) + in_network_order(size) + some_bytes_of(size, random);
    }
    return all;
}

} // namespace

Failure one_header_or_none(std::string_view bytes)
{
    const std::string whole = verdict(bytes);
    std::string before = "?";
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        const std::string now = verdict(bytes.substr(0, size));
        if (before != "?" && now != before)
            return "what was '" + before + "' is '" + now + "' with the next byte: " + shown(bytes.substr(0, size));
        if (before == "?" && now.find(' ') != std::string::npos && !now.ends_with(" " + std::to_string(size)))
            return "a header is one before its last byte: " + now + ": " + shown(bytes.substr(0, size));
        before = now;
    }
    if (whole == "?" && bytes.size() >= net::max_proxy_header)
        return "more is asked for than a header may have";
    if (const auto space = whole.find(' '); space != std::string::npos && whole[0] != '-') {
        const std::string client = whole.substr(0, space);
        const auto read = net::SocketAddress::from_string(client);
        if (!read || read->to_string() != client)
            return "a client's address that does not cross a swap: " + client;
        if (client.starts_with("[::ffff:") && client.find('.') != std::string::npos)
            return "an IPv4 address in IPv6's clothes, with caps of its own: " + client;
    }
    return {};
}

Failure taken_to_its_last_byte(std::string_view bytes, Random &random)
{
    std::string left;
    const std::string whole = verdict(bytes), found = read_in_pieces(bytes, random, left);
    if (found != whole)
        return "the parser says '" + whole + "', and the reader '" + found + "': " + shown(bytes);
    const auto space = whole.find(' ');
    if (space != std::string::npos && left != bytes.substr(std::stoul(whole.substr(space + 1))))
        return "what is behind the header was not left as it was: " + shown(bytes);
    return {};
}

WrittenHeader some_proxy_header(Random &random)
{
    const bool v6 = random() % 2 == 0;
    const int family = v6 ? AF_INET6 : AF_INET;
    const std::size_t size = v6 ? 16 : 4;
    std::string source = some_bytes_of(size, random), destination = some_bytes_of(size, random);
    const bool mapped = v6 && random() % 4 == 0; // an IPv4 client of a proxy that listens by IPv6
    if (mapped)
        source.replace(0, 12, std::string(10, '\0') + "\xFF\xFF");
    const std::uint16_t port = static_cast<std::uint16_t>(random()), to_port = static_cast<std::uint16_t>(random());
    const std::string words = in_words(family, source);
    const std::string address = mapped ? in_words(AF_INET, source.substr(12)) : words;
    const std::string client = (v6 && !mapped ? "[" + address + "]" : address) + ":" + std::to_string(port);
    const std::string addresses = source + destination + in_network_order(port) + in_network_order(to_port);
    const unsigned char tcp = v6 ? 0x21 : 0x11;
    switch (random() % 6) {
    case 0: return {with_head(0x20, static_cast<unsigned char>(random()), some_bytes_of(random() % 40, random)), ""};
    case 1: return {"PROXY UNKNOWN" + (random() % 2 == 0 ? " " + words : "") + "\r\n", ""};
    case 2: {
        std::string header = with_head(0x21, tcp, addresses + "\x03\0\4\0\0\0\0"s + some_extensions(random));
        const std::uint32_t crc = crc32c(header);
        header.replace(16 + addresses.size() + 3, 4, in_network_order(crc >> 16) + in_network_order(crc & 0xFFFF));
        return {header, client};
    }
    case 3: return {with_head(0x21, tcp, addresses + some_extensions(random)), client};
    default:
        return {"PROXY " + std::string{v6 ? "TCP6 " : "TCP4 "} + words + " " + in_words(family, destination) + " " +
                    std::to_string(port) + " " + std::to_string(to_port) + "\r\n",
                client};
    }
}

Failure names_its_client(const WrittenHeader &header)
{
    const std::string expected =
        (header.client.empty() ? "-" : header.client) + " " + std::to_string(header.bytes.size());
    if (const std::string found = verdict(header.bytes); found != expected)
        return "'" + found + "' in place of '" + expected + "': " + shown(header.bytes);
    return {};
}

std::string broken_proxy_header(std::string bytes, Random &random)
{
    for (auto i = 1 + random() % 3; i > 0 && !bytes.empty(); --i) {
        const std::size_t at = random() % bytes.size();
        switch (random() % 5) {
        case 0: bytes[at] = static_cast<char>(random()); break;
        case 1: bytes[at] = static_cast<char>(bytes[at] ^ 1 << random() % 8); break;
        case 2: bytes.erase(at, 1 + random() % 4); break;
        case 3: bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 16)); break;
        default: bytes[at] = "0 :.\r\n%xF"[random() % 9];
        }
    }
    return bytes;
}

} // namespace jabberd::fuzz
