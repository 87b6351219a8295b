// SPDX-License-Identifier: LGPL-2.1-or-later
// Against the examples and the layout of HAProxy's proxy-protocol.txt.
#include "upstream/wire/proxy_header.h"

#include <gtest/gtest.h>

#include <string_view>

namespace jabberd::test {
namespace {

using net::SocketAddress;
using upstream::proxy_header_v1;
using upstream::proxy_header_v2;

SocketAddress at(std::string_view text)
{
    return SocketAddress::from_string(text).value();
}

TEST(ProxyHeader, OfVersion1IsALine)
{
    EXPECT_EQ(proxy_header_v1(at("192.0.2.7:40210"), at("127.0.0.1:5222")),
              "PROXY TCP4 192.0.2.7 127.0.0.1 40210 5222\r\n");
    EXPECT_EQ(proxy_header_v1(at("[2001:db8::7]:40210"), at("[::1]:5222")),
              "PROXY TCP6 2001:db8::7 ::1 40210 5222\r\n");
    EXPECT_EQ(proxy_header_v1(at("[2001:db8::7]:40210"), at("127.0.0.1:5222")),
              "PROXY TCP6 2001:db8::7 :: 40210 5222\r\n");
    EXPECT_EQ(proxy_header_v1(std::nullopt, at("127.0.0.1:5222")), "PROXY UNKNOWN\r\n");
}

TEST(ProxyHeader, OfVersion2IsBinary)
{
    using namespace std::string_view_literals;
    const std::string signature{"\r\n\r\n\0\r\nQUIT\n"sv};
    constexpr auto over_ipv4 = "\x21\x11\x00\x0c"
                               "\xc0\x00\x02\x07"
                               "\x7f\x00\x00\x01"
                               "\x9d\x12"
                               "\x14\x66"sv;
    constexpr auto over_ipv6 = "\x21\x21\x00\x24"sv;
    EXPECT_EQ(proxy_header_v2(at("192.0.2.7:40210"), at("127.0.0.1:5222")), signature + std::string{over_ipv4});
    const std::string v6 = proxy_header_v2(at("[2001:db8::7]:40210"), at("[::1]:5222"));
    EXPECT_EQ(v6.substr(0, 16), signature + std::string{over_ipv6});
    EXPECT_EQ(v6.size(), 16u + 36u);
    // With a block that is to be skipped: ejabberd would skip the stream's header in place of an empty one.
    constexpr auto local = "\x20\x00\x00\x0c\0\0\0\0\0\0\0\0\0\0\0\0"sv;
    EXPECT_EQ(proxy_header_v2(std::nullopt, at("127.0.0.1:5222")), signature + std::string{local});
}

} // namespace
} // namespace jabberd::test
