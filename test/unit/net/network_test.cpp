// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/network.h"

#include <gtest/gtest.h>

namespace jabberd::net {
namespace {

SocketAddress address_of(std::string_view address)
{
    return *SocketAddress::parse(address, 40000);
}

Network network(std::string_view address, std::string_view mask = "")
{
    return *Network::parse(address, mask);
}

TEST(Network, ContainsWhatBeginsLikeIt)
{
    EXPECT_TRUE(network("192.0.2.0", "255.255.255.0").contains(address_of("192.0.2.255")));
    EXPECT_FALSE(network("192.0.2.0", "255.255.255.0").contains(address_of("192.0.3.0")));
    EXPECT_TRUE(network("192.0.2.77", "255.255.255.192").contains(address_of("192.0.2.64")));
    EXPECT_FALSE(network("192.0.2.77", "26").contains(address_of("192.0.2.63")));
    EXPECT_TRUE(network("2001:db8::", "32").contains(address_of("2001:db8:1::1")));
    EXPECT_FALSE(network("2001:db8::", "33").contains(address_of("2001:db8:8000::1")));
    EXPECT_TRUE(network("192.0.2.1").contains(address_of("192.0.2.1")));
    EXPECT_FALSE(network("192.0.2.1").contains(address_of("192.0.2.2")));
    EXPECT_TRUE(network("0.0.0.0", "0.0.0.0").contains(address_of("192.0.2.2")));
    EXPECT_FALSE(network("0.0.0.0", "0").contains(address_of("::1"))) << "another family";
}

TEST(Network, CountsBitsOfIPv4AsJabberdDid)
{
    EXPECT_TRUE(network("192.0.2.0", "120").contains(address_of("192.0.2.9")));
    EXPECT_FALSE(network("192.0.2.0", "120").contains(address_of("192.0.3.9")));
}

TEST(Network, IsNoneOfAnythingElse)
{
    EXPECT_FALSE(Network::parse("localhost", ""));
    EXPECT_FALSE(Network::parse("", ""));
    for (const char *mask : {"255.0.255.0", "33", "95", "129", "-1", "x", "255.255.255"})
        EXPECT_FALSE(Network::parse("192.0.2.1", mask)) << mask;
    for (const char *mask : {"129", "255.255.255.0", "::"})
        EXPECT_FALSE(Network::parse("::1", mask)) << mask;
}

TEST(AccessList, AdmitsAllWhenNobodyIsNamed)
{
    EXPECT_TRUE(AccessList{}.admits(address_of("192.0.2.1")));
}

TEST(AccessList, AdmitsOnlyTheAllowed)
{
    const AccessList list{{network("192.0.2.0", "24")}, {}};
    EXPECT_TRUE(list.admits(address_of("192.0.2.1")));
    EXPECT_FALSE(list.admits(address_of("192.0.3.1")));
    EXPECT_FALSE(list.admits(address_of("::1")));
}

TEST(AccessList, RefusesTheDenied)
{
    const AccessList list{{}, {network("192.0.2.0", "24"), network("::1")}};
    EXPECT_FALSE(list.admits(address_of("192.0.2.1")));
    EXPECT_FALSE(list.admits(address_of("::1")));
    EXPECT_TRUE(list.admits(address_of("192.0.3.1")));
}

TEST(AccessList, BelievesTheMoreExactWord)
{
    const Network net = network("192.0.2.0", "24"), one = network("192.0.2.1");
    EXPECT_TRUE((AccessList{{one}, {net}}).admits(address_of("192.0.2.1")));
    EXPECT_FALSE((AccessList{{net}, {one}}).admits(address_of("192.0.2.1")));
    EXPECT_FALSE((AccessList{{net}, {net}}).admits(address_of("192.0.2.1")));
    EXPECT_FALSE((AccessList{{one}, {one}}).admits(address_of("192.0.2.1")));
    EXPECT_TRUE((AccessList{{net, one}, {net}}).admits(address_of("192.0.2.1"))) << "in any order";
}

} // namespace
} // namespace jabberd::net
