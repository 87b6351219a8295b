// SPDX-License-Identifier: LGPL-2.1-or-later
// The PROXY header, as section 2 of HAProxy's proxy-protocol.txt has it.
#include "net/proxy_header.h"

#include <gtest/gtest.h>

#include <string>

namespace jabberd::net {
namespace {

using namespace std::string_literals;

// "192.0.2.7:40210, 51 bytes", "its own, 15 bytes", "incomplete", or what is wrong.
std::string parsed(std::string_view bytes)
{
    const auto result = parse_proxy_header(bytes);
    if (const auto *fault = std::get_if<ProxyHeaderFault>(&result))
        return std::string{fault->reason};
    const auto *header = std::get_if<ProxyHeader>(&result);
    if (header == nullptr)
        return "incomplete";
    return (header->client ? header->client->to_string() : "its own") + ", " + std::to_string(header->bytes) + " bytes";
}

std::string v2(unsigned char command, unsigned char family, const std::string &rest)
{
    std::string header = "\r\n\r\n\0\r\nQUIT\n"s;
    header += static_cast<char>(command);
    header += static_cast<char>(family);
    header += static_cast<char>(rest.size() >> 8);
    header += static_cast<char>(rest.size());
    return header + rest;
}

const std::string v4_addresses =
    "\xC0\x00\x02\x07\x7F\x00\x00\x01\x9D\x12\x14\x66"s; // 192.0.2.7:40210 to 127.0.0.1:5222
const std::string v6_addresses =
    "\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x07"s + std::string(15, '\0') + "\x01\x9D\x12\x14\x66";

// Every header that is complete: nothing less of it is, and nothing behind it changes what it is.
const std::string headers[] = {
    "PROXY TCP4 192.0.2.7 127.0.0.1 40210 5222\r\n",
    "PROXY TCP6 2001:db8::7 ::1 40210 5222\r\n",
    "PROXY UNKNOWN\r\n",
    "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n",
    v2(0x21, 0x11, v4_addresses),
    v2(0x21, 0x21, v6_addresses),
    v2(0x20, 0x00, ""),
    v2(0x20, 0x11, "x"),
    v2(0x21, 0x11, v4_addresses + "\x04\x00\x05noop!"s + "\x02\x00\x07"s + "foo.com"),
};

TEST(ProxyHeader, OfTheFirstVersionNamesTheClient)
{
    EXPECT_EQ(parsed("PROXY TCP4 192.0.2.7 127.0.0.1 40210 5222\r\n<stream"), "192.0.2.7:40210, 43 bytes");
    EXPECT_EQ(parsed("PROXY TCP6 2001:db8::7 ::1 65535 0\r\n"), "[2001:db8::7]:65535, 36 bytes");
    EXPECT_EQ(parsed("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
                     "65535 65535\r\n"),
              "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535, 104 bytes");
}

TEST(ProxyHeader, OfTheSecondVersionNamesTheClient)
{
    EXPECT_EQ(parsed(v2(0x21, 0x11, v4_addresses) + "\x16\x03\x01"), "192.0.2.7:40210, 28 bytes");
    EXPECT_EQ(parsed(v2(0x21, 0x21, v6_addresses)), "[2001:db8::7]:40210, 52 bytes");
}

TEST(ProxyHeader, OfAnIPv4ClientOnAnIPv6SocketOfTheProxyNamesItsIPv4Address)
{
    const std::string mapped = std::string(10, '\0') + "\xFF\xFF\xC0\x00\x02\x07"s;
    EXPECT_EQ(parsed("PROXY TCP6 ::ffff:192.0.2.7 ::1 40210 5222\r\n"), "192.0.2.7:40210, 44 bytes");
    EXPECT_EQ(parsed(v2(0x21, 0x21, mapped + mapped + "\x9D\x12\x14\x66")), "192.0.2.7:40210, 52 bytes");
}

TEST(ProxyHeader, OfTheProxysOwnOrAnotherKindOfConnectionNamesNoClient)
{
    EXPECT_EQ(parsed("PROXY UNKNOWN\r\n"), "its own, 15 bytes");
    EXPECT_EQ(parsed("PROXY UNKNOWN whatever it is\r\n"), "its own, 30 bytes");
    EXPECT_EQ(parsed(v2(0x20, 0x11, v4_addresses)), "its own, 28 bytes") << "LOCAL: its block has no meaning";
    EXPECT_EQ(parsed(v2(0x20, 0xFF, "???")), "its own, 19 bytes");
    EXPECT_EQ(parsed(v2(0x21, 0x00, "???")), "its own, 19 bytes");
    EXPECT_EQ(parsed(v2(0x21, 0x12, v4_addresses)), "its own, 28 bytes") << "UDP";
    EXPECT_EQ(parsed(v2(0x21, 0x31, std::string(216, 'x'))), "its own, 232 bytes") << "AF_UNIX";
}

TEST(ProxyHeader, IsCompleteAtItsLastByteAndNotBefore)
{
    for (const std::string &header : headers) {
        const std::string whole = parsed(header);
        EXPECT_NE(whole.find(" " + std::to_string(header.size()) + " bytes"), std::string::npos) << whole;
        for (std::size_t size = 0; size < header.size(); ++size)
            EXPECT_EQ(parsed(header.substr(0, size)), "incomplete") << whole << " cut at " << size;
        EXPECT_EQ(parsed(header + header), whole);
    }
}

TEST(ProxyHeader, OfTheFirstVersionIsWrittenInOneWay)
{
    const auto is_refused = [](const std::string &words) {
        return parsed("PROXY " + words + "\r\n").ends_with(" bytes");
    };
    for (const char *words : {"",
                              "TCP4",
                              "tcp4 192.0.2.7 127.0.0.1 1 2",
                              "TCP5 192.0.2.7 127.0.0.1 1 2",
                              "UNKNOWNS",
                              " UNKNOWN",
                              "TCP4 192.0.2.7 127.0.0.1 1",
                              "TCP4 192.0.2.7 127.0.0.1 1 2 3",
                              "TCP4  192.0.2.7 127.0.0.1 1 2",
                              "TCP4 192.0.2.7 127.0.0.1 1 2 ",
                              "TCP4 192.0.2.7\t127.0.0.1 1 2",
                              "TCP4 192.0.2.7 127.0.0.1 01 2",
                              "TCP4 192.0.2.7 127.0.0.1 1 65536",
                              "TCP4 192.0.2.7 127.0.0.1 -1 2",
                              "TCP4 192.0.2.7 127.0.0.1 1 +2",
                              "TCP4 192.0.2.7 127.0.0.1 1 ",
                              "TCP4 192.0.02.7 127.0.0.1 1 2",
                              "TCP4 192.0.2 127.0.0.1 1 2",
                              "TCP4 192.0.2.7 foo 1 2",
                              "TCP4 ::1 ::1 1 2",
                              "TCP6 192.0.2.7 127.0.0.1 1 2",
                              "TCP6 ::1 127.0.0.1 1 2",
                              "TCP6 fe80::1%lo ::1 1 2",
                              "TCP6 [::1] ::1 1 2"})
        EXPECT_FALSE(is_refused(words)) << words;
    EXPECT_EQ(parsed("PROXY TCP4 192.0.2.7 127.0.0.1 1 2\n"), "its PROXY line does not end with CR LF");
    EXPECT_EQ(parsed("PROXY UNKNOWN " + std::string(92, 'x')), "incomplete");
    EXPECT_EQ(parsed("PROXY UNKNOWN " + std::string(91, 'x') + "\r\n"), "its own, 107 bytes");
    EXPECT_EQ(parsed("PROXY UNKNOWN " + std::string(93, 'x')), "its PROXY line is longer than 107 bytes");
    EXPECT_EQ(parsed("PROXY UNKNOWN " + std::string(92, 'x') + "\r\n"), "its PROXY line is longer than 107 bytes");
}

TEST(ProxyHeader, OfTheSecondVersionIsRefusedWhereItContradictsItself)
{
    EXPECT_EQ(parsed(v2(0x11, 0x11, v4_addresses)), "its PROXY header is of an unknown version or command");
    EXPECT_EQ(parsed(v2(0x22, 0x11, v4_addresses)), "its PROXY header is of an unknown version or command");
    for (const int family : {0x01, 0x10, 0x13, 0x41, 0xFF})
        EXPECT_EQ(parsed(v2(0x21, static_cast<unsigned char>(family), std::string(216, 'x'))),
                  "its PROXY header is of an unknown family of addresses");
    EXPECT_EQ(parsed(v2(0x21, 0x11, v4_addresses.substr(1))), "its PROXY header is too short for its addresses");
    EXPECT_EQ(parsed(v2(0x21, 0x21, v4_addresses)), "its PROXY header is too short for its addresses");
    EXPECT_EQ(parsed(v2(0x21, 0x31, std::string(215, 'x'))), "its PROXY header is too short for its addresses");
    EXPECT_EQ(parsed(v2(0x21, 0x11, v4_addresses + "\x04\x00"s)), "an extension in its PROXY header is cut");
    EXPECT_EQ(parsed(v2(0x21, 0x11, v4_addresses + "\x04\x00\x02x"s)),
              "an extension in its PROXY header is longer than the header");
}

TEST(ProxyHeader, HasALength)
{
    const auto with_extension = [](std::size_t size) {
        const std::size_t value = size - 16 - v4_addresses.size() - 3;
        return v2(0x21, 0x11,
                  v4_addresses + "\x04" + static_cast<char>(value >> 8) + static_cast<char>(value) +
                      std::string(value, 'x'));
    };
    EXPECT_EQ(parsed(with_extension(max_proxy_header)), "192.0.2.7:40210, 4096 bytes");
    EXPECT_EQ(parsed(with_extension(max_proxy_header + 1)), "its PROXY header is longer than 4096 bytes");
    EXPECT_EQ(parsed(with_extension(max_proxy_header + 1).substr(0, 16)), "its PROXY header is longer than 4096 bytes")
        << "which its first bytes say already";
}

TEST(ProxyHeader, IsComparedWithItsChecksum)
{
    // As HAProxy 2.6 has written it, with proxy-v2-options crc32c,unique-id.
    std::string header = v2(0x21, 0x11,
                            "\x7F\x00\x00\x09\x7F\x00\x00\x01\xC5\x77\x82\x4B\x03\x00\x04\x75\x0C\xE9\xD8\x05\x00\x09"s
                            "127.0.0.9");
    EXPECT_EQ(parsed(header), "127.0.0.9:50551, 47 bytes");
    for (const std::size_t changed : {19u, 31u, 46u}) { // an address, the checksum, behind it
        header[changed] ^= 1;
        EXPECT_EQ(parsed(header), "the checksum of its PROXY header is wrong");
        header[changed] ^= 1;
    }
    EXPECT_EQ(parsed(v2(0x21, 0x11, v4_addresses + "\x03\x00\x03xyz"s)), "the checksum of its PROXY header is wrong");
}

TEST(ProxyHeader, IsNothingElse)
{
    for (const char *other : {"<", "\x16\x03\x01", "GET / HTTP/1.1", "proxy TCP4", "PROXX", " PROXY", "\r\nPROXY"})
        EXPECT_EQ(parsed(other), "it does not begin with a PROXY header") << other;
    EXPECT_EQ(parsed("\r\n\r\n\0\r\nQUIT\r"s), "it does not begin with a PROXY header");
}

} // namespace
} // namespace jabberd::net
