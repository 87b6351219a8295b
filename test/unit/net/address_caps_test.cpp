// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/address_caps.h"

#include <gtest/gtest.h>

namespace jabberd::net {
namespace {

using namespace std::chrono_literals;
using Verdict = AddressCaps::Verdict;

constexpr Time start{1h};
constexpr Rate no_rate{};

SocketAddress from(std::string_view address)
{
    return *SocketAddress::parse(address, 1);
}

class AddressCapsTest : public testing::Test {
protected:
    Quota all_memory_{0}, memory_of_address_{0};
    Share memory_{all_memory_};
    AddressCaps caps{memory_, memory_of_address_, 2};
};

TEST_F(AddressCapsTest, AdmitSoManyOfOneAddress)
{
    EXPECT_EQ(caps.admit(from("192.0.2.1"), 2, no_rate, start), Verdict::Admitted);
    EXPECT_EQ(caps.admit(from("192.0.2.1"), 2, no_rate, start), Verdict::Admitted);
    EXPECT_EQ(caps.admit(from("192.0.2.1"), 2, no_rate, start), Verdict::TooMany);
    EXPECT_EQ(caps.admit(from("192.0.2.2"), 2, no_rate, start), Verdict::Admitted);
    caps.release(from("192.0.2.1"));
    EXPECT_EQ(caps.admit(from("192.0.2.1"), 2, no_rate, start), Verdict::Admitted);
    EXPECT_EQ(caps.admit(from("192.0.2.1"), 2, no_rate, start), Verdict::TooMany);
}

TEST_F(AddressCapsTest, TakeA64ForOneAddress)
{
    EXPECT_EQ(caps.admit(from("2001:db8::1"), 1, no_rate, start), Verdict::Admitted);
    EXPECT_EQ(caps.admit(from("2001:db8::2"), 1, no_rate, start), Verdict::TooMany);
    EXPECT_EQ(caps.admit(from("2001:db8:0:1::1"), 1, no_rate, start), Verdict::Admitted);
}

TEST_F(AddressCapsTest, LimitAttemptsInTime)
{
    constexpr Rate rate{.per_second = 1, .burst = 3};
    int admitted = 0;
    for (int i = 0; i < 10; ++i) {
        if (caps.admit(from("192.0.2.1"), 0, rate, start) == Verdict::Admitted) {
            ++admitted;
            caps.release(from("192.0.2.1"));
        }
    }
    EXPECT_EQ(admitted, 4); // the burst, and the one that empties it
    EXPECT_EQ(caps.admit(from("192.0.2.1"), 0, rate, start), Verdict::TooFast);
    EXPECT_EQ(caps.admit(from("192.0.2.2"), 0, rate, start), Verdict::Admitted);
    EXPECT_EQ(caps.admit(from("192.0.2.1"), 0, rate, start + 2s), Verdict::Admitted);
}

TEST_F(AddressCapsTest, LimitAttemptsInMinutes)
{
    constexpr Rate rate{.per_second = 5 / 600.0, .burst = 4}; // five in ten minutes
    int admitted = 0;
    const auto knock = [&](Time now) { return caps.admit(from("192.0.2.1"), 0, rate, now) == Verdict::Admitted; };
    for (int i = 0; i < 10; ++i) {
        admitted += knock(start);
        caps.release(from("192.0.2.1"));
    }
    EXPECT_EQ(admitted, 5);
    for (int i = 0; i < 5000; ++i) { // until the old ones are forgotten
        caps.admit(from("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250)), 0, rate, start + 6min);
    }
    admitted = 0;
    for (int i = 0; i < 10; ++i) {
        admitted += knock(start + 6min);
        caps.release(from("192.0.2.1"));
    }
    EXPECT_EQ(admitted, 3) << "not those that have not come back yet";
}

TEST_F(AddressCapsTest, LetAnAddressSpendOnGuessesWhatItHasForConnections)
{
    constexpr Rate rate{.per_second = 1, .burst = 2};
    EXPECT_EQ(caps.admit(from("192.0.2.1"), 0, rate, start), Verdict::Admitted);
    EXPECT_TRUE(caps.spend(from("192.0.2.1"), rate, start));
    EXPECT_TRUE(caps.spend(from("192.0.2.1"), rate, start));
    EXPECT_FALSE(caps.spend(from("192.0.2.1"), rate, start));
    EXPECT_EQ(caps.admit(from("192.0.2.1"), 0, rate, start), Verdict::TooFast);
    EXPECT_TRUE(caps.spend(from("192.0.2.1"), rate, start + 1s));
    EXPECT_TRUE(caps.spend(from("192.0.2.1"), no_rate, start + 1s));
}

TEST_F(AddressCapsTest, KnowNoCapOfZero)
{
    for (int i = 0; i < 5000; ++i)
        ASSERT_EQ(caps.admit(from("192.0.2.1"), 0, no_rate, start), Verdict::Admitted);
}

TEST_F(AddressCapsTest, ForgetOnlyWhoHasNothingOpen)
{
    EXPECT_EQ(caps.admit(from("192.0.2.1"), 1, no_rate, start), Verdict::Admitted);
    for (std::uint32_t i = 0; i < 5000; ++i) { // each from an address of its own, some hours later
        const SocketAddress other = from("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250));
        ASSERT_EQ(caps.admit(other, 1, no_rate, start + 2h + i * 1s), Verdict::Admitted);
        caps.release(other);
    }
    EXPECT_EQ(caps.admit(from("192.0.2.1"), 1, no_rate, start + 5h), Verdict::TooMany);
}

TEST_F(AddressCapsTest, AReleaseTooManyIsHarmless)
{
    caps.release(from("192.0.2.1"));
    EXPECT_EQ(caps.admit(from("192.0.2.1"), 1, no_rate, start), Verdict::Admitted);
    caps.release(from("192.0.2.1"));
    caps.release(from("192.0.2.1"));
    EXPECT_EQ(caps.admit(from("192.0.2.1"), 1, no_rate, start), Verdict::Admitted);
    EXPECT_EQ(caps.admit(from("192.0.2.1"), 1, no_rate, start), Verdict::TooMany);
}

} // namespace
} // namespace jabberd::net
