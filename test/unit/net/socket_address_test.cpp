// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/socket_address.h"

#include <gtest/gtest.h>

namespace jabberd::net {
namespace {

std::string read_and_written(std::string_view address)
{
    const auto parsed = SocketAddress::parse(address, 5222);
    return parsed ? parsed->to_string() : "refused";
}

TEST(SocketAddress, IsWrittenAsPeopleWriteIt)
{
    EXPECT_EQ(read_and_written("192.0.2.1"), "192.0.2.1:5222");
    EXPECT_EQ(read_and_written("2001:db8:0:0::1"), "[2001:db8::1]:5222");
    EXPECT_EQ(read_and_written("::"), "[::]:5222");
}

TEST(SocketAddress, IsANumber)
{
    for (const char *name : {"", "localhost", "192.0.2", "192.0.2.256", "192.0.2.1:5222", "[::1]", ":::", "1.2.3.4.5",
                             " 127.0.0.1", "127.1"})
        EXPECT_EQ(read_and_written(name), "refused") << name;
}

TEST(SocketAddress, KeepsTheScopeOfALinkLocalAddress)
{
    EXPECT_EQ(read_and_written("fe80::1%lo"), "[fe80::1%lo]:5222");
    EXPECT_EQ(read_and_written("fe80::1%1"), "[fe80::1%lo]:5222")
        << "by its number as well, and lo is always the first";
    EXPECT_EQ(read_and_written("fe80::1%4000000"), "[fe80::1%4000000]:5222") << "of an interface that has gone";
    const auto there = SocketAddress::parse("fe80::1%lo", 5222);
    ASSERT_TRUE(there);
    const auto back = SocketAddress::from_string(there->to_string());
    ASSERT_TRUE(back) << "which is the way through a swap";
    EXPECT_EQ(SocketAddress{back->storage()}.to_string(), there->to_string());
    const sockaddr_storage kernels = back->storage();
    EXPECT_EQ(reinterpret_cast<const sockaddr_in6 &>(kernels).sin6_scope_id, 1u);
    for (const char *none : {"fe80::1%", "fe80::1%0", "fe80::1%no-such", "fe80::1%1x", "127.0.0.1%lo", "fe80::1%lo%lo"})
        EXPECT_EQ(read_and_written(none), "refused") << none;
}

TEST(SocketAddress, KnowsThoseOfEveryMachineWithIPv6)
{
    const auto is_of_every = [](std::string_view text) { return SocketAddress::parse(text, 1)->is_of_every_ipv6(); };
    EXPECT_TRUE(is_of_every("::"));
    EXPECT_TRUE(is_of_every("::1"));
    for (const char *other : {"::2", "1::1", "1::", "fe80::1%lo", "0.0.0.0", "127.0.0.1"})
        EXPECT_FALSE(is_of_every(other)) << other;
}

TEST(SocketAddress, SurvivesTheKernelsForm)
{
    for (const char *address : {"192.0.2.1", "2001:db8::1", "::1"}) {
        const auto parsed = SocketAddress::parse(address, 1234);
        ASSERT_TRUE(parsed);
        EXPECT_EQ(SocketAddress{parsed->storage()}.to_string(), parsed->to_string());
        EXPECT_EQ(parsed->storage().ss_family, parsed->family());
    }
}

TEST(SocketAddress, AnIPv4AddressOnAnIPv6SocketIsAnIPv4Address)
{
    const SocketAddress mapped{SocketAddress::parse("::ffff:192.0.2.1", 7)->storage()};
    EXPECT_EQ(mapped.to_string(), "192.0.2.1:7");
    EXPECT_EQ(mapped.prefix(), SocketAddress::parse("192.0.2.1", 8)->prefix());
}

TEST(SocketAddress, ACustomerIsAnAddressOrA64)
{
    const auto prefix = [](std::string_view address) { return SocketAddress::parse(address, 1)->prefix(); };
    EXPECT_NE(prefix("192.0.2.1"), prefix("192.0.2.2"));
    EXPECT_EQ(prefix("2001:db8::1"), prefix("2001:db8::ffff:ffff:ffff:ffff"));
    EXPECT_NE(prefix("2001:db8::1"), prefix("2001:db8:0:1::1"));
    EXPECT_NE(prefix("0.0.0.0"), prefix("::"));
}

} // namespace
} // namespace jabberd::net
