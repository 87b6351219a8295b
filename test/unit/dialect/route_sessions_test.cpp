// SPDX-License-Identifier: LGPL-2.1-or-later
// What is known of sessions is never more than there are connections.
#include "dialect/route_sessions.h"

#include "support/packet_from_xml.h"

#include <gtest/gtest.h>

namespace jabberd::dialect {
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

TEST(RouteSessions, GoOnInAnotherPlace)
{
    RouteSessions before, after;
    OwnedPacket answer = test::packet_from_xml("<iq type='result' id='n1'/>");
    before.ask_login("1@c2s/1", "n1", "alice@localhost/home");
    before.login_answered("1@c2s/1", "n1", true, answer);
    before.begin("1@c2s/1", "alice@localhost/1F");
    before.ask_login("2@c2s/1", "n2", "bob@localhost/home");
    answer = test::packet_from_xml("<iq type='result' id='n2'/>");
    before.login_answered("2@c2s/1", "n2", true, answer);
    after.restore(before.all());
    EXPECT_EQ(after.of("1@c2s/1")->address, "alice@localhost/1F");
    EXPECT_TRUE(after.in_use("alice@localhost/home"));
    const auto begun = after.begin("2@c2s/1", "bob@localhost/2F");
    ASSERT_TRUE(begun);
    EXPECT_EQ(begun->id, "bob@localhost/home");
    EXPECT_TRUE(after.end("1@c2s/1", "alice@localhost/1F"));
    RouteSessions last;
    last.restore(after.all());
    EXPECT_EQ(last.ended("1@c2s/1", "alice@localhost/home"), "alice@localhost/1F");
    EXPECT_FALSE(last.in_use("alice@localhost/home"));
}

} // namespace
} // namespace jabberd::dialect
