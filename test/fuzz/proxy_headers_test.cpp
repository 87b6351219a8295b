// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/proxy_headers.h"

#include "net/proxy_header.h"

#include <gtest/gtest.h>

namespace jabberd::fuzz {
namespace {

TEST(ProxyHeaderProperty, AHeaderNamesItsClientAndEndsWhereItEnds)
{
    Random random{1};
    for (unsigned i = 0; i < 3000; ++i) {
        const WrittenHeader header = some_proxy_header(random);
        for (const Failure &failure : {names_its_client(header), one_header_or_none(header.bytes + "<stream:stream"),
                                       taken_to_its_last_byte(header.bytes + "<stream:stream", random),
                                       taken_to_its_last_byte(header.bytes, random)})
            ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
    }
}

TEST(ProxyHeaderProperty, WhateverComesIsRefusedOrUnderstood)
{
    Random random{2};
    unsigned headers = 0, faults = 0;
    for (unsigned i = 0; i < 10000; ++i) {
        const std::string bytes = broken_proxy_header(some_proxy_header(random).bytes, random);
        for (const Failure &failure : {one_header_or_none(bytes), taken_to_its_last_byte(bytes, random)})
            ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
        const auto parsed = net::parse_proxy_header(bytes);
        headers += std::holds_alternative<net::ProxyHeader>(parsed);
        faults += std::holds_alternative<net::ProxyHeaderFault>(parsed);
    }
    EXPECT_GT(headers, 1000u) << "a generator that breaks all of them would prove nothing";
    EXPECT_GT(faults, 3000u);
}

} // namespace
} // namespace jabberd::fuzz
