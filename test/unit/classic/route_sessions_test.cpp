// SPDX-License-Identifier: LGPL-2.1-or-later
// What is known of sessions is never more than there are connections.
#include "classic/route_sessions.h"

#include <gtest/gtest.h>

namespace jabberd::classic {
namespace {

// Whoever opens a stream to a host that answers no logins, and goes, again and again.
TEST(RouteSessions, LoginsThatAreNeverAnsweredDoNotAddUp)
{
    RouteSessions sessions;
    for (unsigned i = 0; i < 1000; ++i)
        sessions.ask_login("7@c2s/" + std::to_string(i), "nonce", "alice@localhost/r");
    EXPECT_EQ(sessions.size(), 1u);
    OwnedPacket answer;
    EXPECT_FALSE(sessions.login_answered("7@c2s/998", "nonce", true, answer)) << "of one who is gone";
    EXPECT_TRUE(sessions.login_answered("7@c2s/999", "nonce", true, answer));
}

} // namespace
} // namespace jabberd::classic
