// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/nearest.h"

#include <gtest/gtest.h>

namespace jabberd::elements {
namespace {

const std::vector<std::string> names{"port", "tls", "ip", "see-other-host", "stanza", "stanza-before-login", "limits"};

TEST(Nearest, IsWhatWasMistyped)
{
    EXPECT_EQ(nearest("prot", names), "port") << "neighbours exchanged";
    EXPECT_EQ(nearest("ports", names), "port");
    EXPECT_EQ(nearest("stnza", names), "stanza");
    EXPECT_EQ(nearest("PORT", names), "port");
    EXPECT_EQ(nearest("see_other_host", names), "see-other-host");
    EXPECT_EQ(nearest("limit", names), "limits");
    EXPECT_EQ(nearest("before-login", names), "stanza-before-login");
}

TEST(Nearest, IsNothingWhenNothingIsNear)
{
    EXPECT_EQ(nearest("colour", names), "");
    EXPECT_EQ(nearest("", names), "");
    EXPECT_EQ(nearest(std::string(100'000, 'p'), names), "") << "and costs nothing";
    EXPECT_EQ(nearest("port", {}), "");
}

} // namespace
} // namespace jabberd::elements
