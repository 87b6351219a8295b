// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

namespace jabberd::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string registration(std::string_view type, std::string_view fields)
{
    return "<iq type='" + std::string{type} +
           "' id='r' sto='foo.com' sfrom='7@c2s/1'><query xmlns='jabber:iq:register'>" + std::string{fields} +
           "</query></iq>";
}

std::string change(std::string_view fields)
{
    return "<iq type='set' id='c'><query xmlns='jabber:iq:register'>" + std::string{fields} + "</query></iq>";
}

TEST(Registration, AsksForANameAndAPassword)
{
    Server server;
    server.sends(registration("get", ""));
    EXPECT_THAT(server.next("7@c2s/1"),
                AllOf(HasSubstr("sfrom='foo.com'"), HasSubstr("<instructions>"), HasSubstr("<username/><password/>")));
}

TEST(Registration, MakesAnAccountButLogsNobodyIn)
{
    Server server;
    server.sends(registration("set", "<username>Alice</username><password>secret</password>"));
    EXPECT_EQ(server.next("7@c2s/1"), canonical("<iq type='result' id='r' sto='7@c2s/1' sfrom='foo.com'/>"));
    EXPECT_THAT(server.status(), AllOf(HasSubstr("accounts=1"), HasSubstr("sessions=0")));
}

TEST(Registration, OfATakenNameIsAConflict)
{
    Server server;
    server.register_account("alice");
    server.sends(registration("set", "<username>ALICE</username><password>mine</password>"));
    EXPECT_EQ(
        server.next("7@c2s/1"),
        canonical(
            "<iq type='error' id='r' sto='7@c2s/1' sfrom='foo.com'><query "
            "xmlns='jabber:iq:register'><username>ALICE</username></query>"
            "<error code='409' type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"));
}

TEST(Registration, RefusesUnusableNamesAndEmptyPasswords)
{
    Server server;
    server.sends(registration("set", "<username>a@b</username><password>x</password>"));
    EXPECT_THAT(server.next("7@c2s/1"), HasSubstr("not-acceptable"));
    server.sends(registration("set", "<username>alice</username><password/>"));
    EXPECT_THAT(server.next("7@c2s/1"), HasSubstr("not-acceptable"));
}

TEST(Registration, CanBeTurnedOffByAReload)
{
    Server server;
    server.reload("");
    server.sends(registration("get", ""));
    EXPECT_THAT(server.next("7@c2s/1"), HasSubstr("not-allowed"));
    server.sends(registration("set", "<username>alice</username><password>secret</password>"));
    EXPECT_THAT(server.next("7@c2s/1"), AllOf(HasSubstr("not-allowed"), Not(HasSubstr("secret"))));
}

TEST(Registration, ChangesThePasswordOfWhoIsLoggedIn)
{
    Server server;
    Client alice = server.log_in("alice", "home");
    alice.sends(change("<username>bob</username><password>new</password>"));
    EXPECT_THAT(alice.gets(), HasSubstr("not-allowed"));
    alice.sends(change("<username>alice</username><password>new</password>"));
    EXPECT_EQ(alice.gets(), canonical("<iq type='result' id='c' to='alice@foo.com/home'/>"));
    const auto log_in = [&](std::string_view password) {
        server.sends("<iq type='set' id='a' sto='foo.com' sfrom='7@c2s/1'><query "
                     "xmlns='jabber:iq:auth'><username>alice</username><password>" +
                     std::string{password} + "</password><resource>r</resource></query></iq>");
        return server.next("7@c2s/1");
    };
    EXPECT_THAT(log_in("secret"), HasSubstr("not-authorized"));
    EXPECT_THAT(log_in("new"), HasSubstr("result"));
}

TEST(Registration, RemovalEndsAllSessionsAndSubscriptions)
{
    Server server;
    Client alice = server.log_in("alice", "home"), phone = server.log_in("alice", "phone"),
           bob = server.log_in("bob", "work");
    alice.comes_online();
    bob.comes_online();
    befriend(alice, bob);
    alice.sends(change("<remove/>"));
    EXPECT_EQ(alice.gets(), canonical("<iq type='result' id='c' to='alice@foo.com/home'/>"));
    EXPECT_THAT(bob.gets(), HasSubstr("type='unsubscribe'"));
    EXPECT_THAT(bob.gets(), HasSubstr("type='unsubscribed'"));
    EXPECT_THAT(bob.gets(), HasSubstr("unavailable"));
    EXPECT_THAT(phone.gets_routed(), AllOf(HasSubstr("510"), HasSubstr("sfrom='alice@foo.com/phone'"),
                                           HasSubstr("condition='not-authorized'")));
    bob.sends("<message to='alice@foo.com'><body>still there?</body></message>");
    // Bob's subscription ended, too: alice's own withdrawal reached him before she was gone.
    std::string next = bob.gets();
    while (next.find("<presence") != std::string::npos)
        next = bob.gets();
    EXPECT_THAT(next, HasSubstr("service-unavailable"));
    EXPECT_THAT(server.status(), HasSubstr("accounts=1"));
}

TEST(Configuration, ReportsEveryMistakeWithItsLine)
{
    Server server;
    const bool taken =
        server.reload("<register>maybe</register>\n<iterations>1</iterations>\n<offline/>\n<unheard-of/>\n<welcome/>");
    EXPECT_FALSE(taken);
    const auto reports = server.host.reports();
    ASSERT_EQ(reports.size(), 5u);
    EXPECT_THAT(reports[0], AllOf(HasSubstr("error in line 1"), HasSubstr("'yes' or 'no'")));
    EXPECT_THAT(reports[1], AllOf(HasSubstr("error in line 2"), HasSubstr("from 4096")));
    EXPECT_THAT(reports[2], AllOf(HasSubstr("error in line 3"), HasSubstr("max=")));
    EXPECT_THAT(reports[3], AllOf(HasSubstr("warning in line 4"), HasSubstr("unheard-of"), HasSubstr(", ignoring")));
    EXPECT_THAT(reports[4], AllOf(HasSubstr("error in line 5"), HasSubstr("<body>")));
}

TEST(Stop, EndsEverySessionAndStoresWhatComesBack)
{
    Server server;
    Client alice = server.log_in("alice", "home");
    alice.comes_online();
    server.stop();
    EXPECT_THAT(alice.gets_routed(), HasSubstr("510"));
    alice.returns("<message to='alice@foo.com' from='x@y/z'><body>unwritten</body></message>");
    server.restart();
    Client again = server.log_in("alice", "home");
    again.comes_online();
    EXPECT_THAT(again.gets(), HasSubstr("unwritten"));
}

TEST(Congestion, IsPassedOnAndEnds)
{
    Server server;
    Client alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    server.host.delivery = JABBERD_FULL;
    EXPECT_EQ(alice.sends("<message to='bob@foo.com/work'><body>hi</body></message>"), JABBERD_CONGESTED);
    server.host.delivery = JABBERD_DELIVERED;
    server.resume();
    EXPECT_EQ(server.host.readies(), 1);
    EXPECT_EQ(alice.sends("<message to='bob@foo.com/work'><body>hi</body></message>"), JABBERD_DONE);
}

TEST(Congestion, OfTheDatabaseIsAnnouncedAndEnds)
{
    Server server;
    Client alice = server.log_in("alice", "home");
    std::promise<void> release;
    server.host.on_deliver = [released = release.get_future().share()](
                                 const jabberd_packet &packet) { // holds the storage thread up with its first answer
        if (canonical(packet).find("id='slow'") != std::string::npos)
            released.wait();
    };
    alice.sends("<iq type='get' id='slow'><vCard xmlns='vcard-temp'/></iq>");
    bool congested = false;
    for (int i = 0; i < 10'000 && !congested; ++i)
        congested = alice.sends("<iq type='get'><vCard xmlns='vcard-temp'/></iq>") == JABBERD_CONGESTED;
    EXPECT_TRUE(congested);
    EXPECT_EQ(server.host.readies(), 0);
    release.set_value();
    server.stop(); // waits until the queue is empty
    EXPECT_GE(server.host.readies(), 1);
}

} // namespace
} // namespace jabberd::test
