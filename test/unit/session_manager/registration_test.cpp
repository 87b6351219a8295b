// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/accounts/registration_rate.h"
#include "support/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <thread>

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
        canonical("<iq type='error' id='r' sto='7@c2s/1' sfrom='foo.com'><query "
                  "xmlns='jabber:iq:register'><username>ALICE</username></query>"
                  "<error code='409' type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
                  "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>Another account has this name</text>"
                  "</error></iq>"));
}

std::string form(std::string_view fields, std::string_view type = "submit")
{
    return "<x xmlns='jabber:x:data' type='" + std::string{type} + "'>" + std::string{fields} + "</x>";
}

std::string field(std::string_view name, std::string_view value)
{
    return "<field var='" + std::string{name} + "'><value>" + std::string{value} + "</value></field>";
}

TEST(Registration, AsksInADataFormAsWell)
{
    Server server;
    server.sends(registration("get", ""));
    EXPECT_THAT(server.next("7@c2s/1"),
                AllOf(HasSubstr("<username/><password/><x xmlns='jabber:x:data' type='form'>"),
                      HasSubstr("<field type='hidden' var='FORM_TYPE'><value>jabber:iq:register</value></field>"),
                      HasSubstr("<field type='text-single' var='username' label='Username'><required/></field>"),
                      HasSubstr("<field type='text-private' var='password' label='Password'><required/></field>")));
}

TEST(Registration, IsTakenFromADataForm)
{
    Server server;
    const std::string filled = field("username", "alice") + field("password", "secret");
    server.sends(registration("set", form(field("FORM_TYPE", "jabber:iq:register") + filled)));
    EXPECT_THAT(server.next("7@c2s/1"), HasSubstr("type='result'"));
    ConnectedClient alice = server.log_in("alice", "home"); // with that password
    server.sends(registration("set", form(field("username", "bob") + field("password", "other") + field("email", ""))));
    EXPECT_THAT(server.next("7@c2s/1"), HasSubstr("type='result'"));
    server.sends(registration("set", form(filled)));
    EXPECT_THAT(server.next("7@c2s/1"), AllOf(HasSubstr("<conflict"), Not(HasSubstr("secret"))));
    alice.sends(change(form(field("password", "newer"))));
    EXPECT_THAT(alice.gets(), HasSubstr("type='result'"));
    EXPECT_THAT(server.status(), HasSubstr("accounts=2"));
}

TEST(Registration, RefusesAFormThatIsNotTheOneItAskedFor)
{
    Server server;
    const std::string filled = field("username", "alice") + field("password", "secret");
    for (const std::string &wrong : {form(field("FORM_TYPE", "jabber:iq:search") + filled), form(filled, "form"),
                                     form(filled, "result"), form(filled, "")}) {
        server.sends(registration("set", wrong));
        EXPECT_THAT(server.next("7@c2s/1"), AllOf(HasSubstr("bad-request"), HasSubstr("<text "))) << wrong;
    }
    for (const std::string &half : {form(field("username", "alice")), form(field("password", "secret")), form("")}) {
        server.sends(registration("set", half));
        EXPECT_THAT(server.next("7@c2s/1"), AllOf(HasSubstr("not-acceptable"), HasSubstr("<text "))) << half;
    }
    server.sends(registration("set", form("", "cancel")));
    EXPECT_THAT(server.next("7@c2s/1"), HasSubstr("type='result'"));
    EXPECT_THAT(server.status(), HasSubstr("accounts=0"));
}

// A connection, whose address is told when it is asked what to offer.
std::string connects_from(Server &server, std::string_view address)
{
    const std::string connection = server.new_connection();
    server.sends("<iq type='get' id='f' sto='foo.com' sfrom='" + connection +
                 "'><query xmlns='jabber:iq:stream-features'><connection "
                 "xmlns='jabber:socket-manager:connection' address='" +
                 std::string{address} + "' port='1'/></query></iq>");
    server.next(connection);
    return connection;
}

std::string asks_to_register(Server &server, const std::string &connection, const std::string &name)
{
    server.sends("<iq type='set' id='r' sto='foo.com' sfrom='" + connection +
                 "'><query xmlns='jabber:iq:register'><username>" + name +
                 "</username><password>secret</password></query></iq>");
    return server.next(connection);
}

TEST(Registration, HasARateForEachAddress)
{
    Server server{"<register>yes</register><iterations>4096</iterations><registrations at-once='3' per-hour='1'/>"};
    const std::string first = connects_from(server, "192.0.2.1");
    EXPECT_THAT(asks_to_register(server, first, "a"), HasSubstr("type='result'"));
    EXPECT_THAT(asks_to_register(server, first, "a"), HasSubstr("<conflict"));
    EXPECT_THAT(asks_to_register(server, connects_from(server, "192.0.2.1"), "b"), HasSubstr("type='result'"));
    const std::string refused = asks_to_register(server, connects_from(server, "192.0.2.1"), "c");
    EXPECT_THAT(refused,
                AllOf(HasSubstr("type='wait'><resource-constraint"), HasSubstr("<text "), Not(HasSubstr("secret"))));
    EXPECT_THAT(asks_to_register(server, first, "d"), HasSubstr("<resource-constraint"));
    EXPECT_THAT(asks_to_register(server, connects_from(server, "192.0.2.2"), "e"), HasSubstr("type='result'"));
    EXPECT_THAT(asks_to_register(server, connects_from(server, "2001:db8::1"), "f"), HasSubstr("type='result'"));
    EXPECT_THAT(server.status(), HasSubstr("accounts=4"));
    const auto logs = server.host.logs();
    EXPECT_EQ(
        std::ranges::count_if(
            logs, [](const std::string &line) { return line.find("too many from one address") != std::string::npos; }),
        1);
}

TEST(Registration, HasOneRateForAllWhoseAddressIsNotKnown)
{
    Server server{"<register>yes</register><iterations>4096</iterations><registrations at-once='1' per-hour='1'/>"};
    EXPECT_THAT(asks_to_register(server, server.new_connection(), "a"), HasSubstr("type='result'"));
    EXPECT_THAT(asks_to_register(server, server.new_connection(), "b"), HasSubstr("<resource-constraint"));
    EXPECT_THAT(asks_to_register(server, connects_from(server, "192.0.2.1"), "b"), HasSubstr("type='result'"));
}

TEST(RegistrationRate, FillsWithTheTime)
{
    using namespace std::chrono_literals;
    using Verdict = session_manager::RegistrationRate::Verdict;
    constexpr Time start{1h};
    constexpr net::Rate rate{.per_second = 1 / 60.0, .burst = 1};
    session_manager::RegistrationRate registrations;
    EXPECT_EQ(registrations.admit("192.0.2.1", rate, start), Verdict::Admitted);
    EXPECT_EQ(registrations.admit("192.0.2.1", rate, start), Verdict::Admitted);
    EXPECT_EQ(registrations.admit("192.0.2.1", rate, start), Verdict::Refused);
    EXPECT_EQ(registrations.admit("192.0.2.1", rate, start + 59s), Verdict::RefusedAgain);
    EXPECT_EQ(registrations.admit("192.0.2.1", rate, start + 61s), Verdict::Admitted);
    EXPECT_EQ(registrations.admit("192.0.2.1", rate, start + 62s), Verdict::Refused);
    EXPECT_EQ(registrations.admit("2001:db8::1", rate, start), Verdict::Admitted);
    EXPECT_EQ(registrations.admit("2001:db8::2", rate, start), Verdict::Admitted);
    EXPECT_EQ(registrations.admit("2001:db8::3", rate, start), Verdict::Refused) << "of the same /64";
    EXPECT_EQ(registrations.admit("2001:db8:0:1::1", rate, start), Verdict::Admitted);
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
    ConnectedClient alice = server.log_in("alice", "home");
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
    ConnectedClient alice = server.log_in("alice", "home"), phone = server.log_in("alice", "phone"),
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
    bob.sends("<message to='bob@foo.com/work'><body>fence</body></message>");
    // Bob's subscription ended, too: alice's own withdrawal reached him before she was gone.
    std::string next = bob.gets();
    while (next.find("<presence") != std::string::npos)
        next = bob.gets();
    EXPECT_THAT(next, HasSubstr("fence")); // nobody took it, and nobody says that there is nobody
    EXPECT_THAT(server.status(), HasSubstr("accounts=1"));
}

TEST(Configuration, ReportsEveryMistakeWithItsLine)
{
    Server server;
    const bool taken =
        server.reload("<register>maybe</register>\n<iterations>1</iterations>\n<offline/>\n<unheard-of/>\n<welcome/>\n"
                      "<registrations/>\n<services><service>a b</service></services>");
    EXPECT_FALSE(taken);
    const auto reports = server.host.reports();
    ASSERT_EQ(reports.size(), 7u);
    EXPECT_THAT(reports[0], AllOf(HasSubstr("error in line 1"), HasSubstr("'yes' or 'no'")));
    EXPECT_THAT(reports[1], AllOf(HasSubstr("error in line 2"), HasSubstr("from 4096")));
    EXPECT_THAT(reports[2], AllOf(HasSubstr("error in line 3"), HasSubstr("max=")));
    EXPECT_THAT(reports[3], AllOf(HasSubstr("error in line 5"), HasSubstr("<body>")));
    EXPECT_THAT(reports[4], AllOf(HasSubstr("error in line 6"), HasSubstr("per-hour=")));
    EXPECT_THAT(reports[5], AllOf(HasSubstr("error in line 7"), HasSubstr("not 'a b'")));
    EXPECT_THAT(reports[6], AllOf(HasSubstr("warning in line 4"), HasSubstr("unheard-of"), HasSubstr(", ignoring")));
}

TEST(Stop, EndsEverySessionAndStoresWhatComesBack)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.comes_online();
    server.stop();
    EXPECT_THAT(alice.gets_routed(), HasSubstr("510"));
    alice.returns("<message to='alice@foo.com' from='x@y/z'><body>unwritten</body></message>");
    server.restart();
    ConnectedClient again = server.log_in("alice", "home");
    again.comes_online();
    EXPECT_THAT(again.gets(), HasSubstr("unwritten"));
}

TEST(Congestion, IsPassedOnAndEnds)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    server.host.delivery = JABBERD_FULL;
    EXPECT_EQ(alice.sends("<message to='bob@foo.com/work'><body>hi</body></message>"), JABBERD_CONGESTED);
    server.host.delivery = JABBERD_DELIVERED;
    server.resume();
    EXPECT_EQ(server.host.readies(), 1);
    EXPECT_EQ(alice.sends("<message to='bob@foo.com/work'><body>hi</body></message>"), JABBERD_DONE);
}

TEST(Congestion, OfTheDatabaseIsAnnouncedWhenWhatIsOwedPilesUpAndEnds)
{
    Server server{"<register>yes</register><registrations per-hour='0'/><iterations>4096</iterations>"
                  "<work requests='2'/>"};
    ConnectedClient alice = server.log_in("alice", "home"), mallory = server.log_in("mallory", "home");
    for (int i = 0; i < 150; ++i) {
        mallory.sends("<presence type='subscribe' to='nobody" + std::to_string(i) + "@foo.com'/>");
        while (server.status().find("work waiting=0 ") == std::string::npos)
            std::this_thread::yield();
    }
    std::promise<void> release;
    server.host.on_deliver =
        [released = release.get_future().share()](const jabberd_packet &packet) { // holds the storage thread up
            if (canonical(packet).find("id='slow'") != std::string::npos)
                released.wait();
        };
    // Each of the contacts is to be told, and nobody can be told to try again.
    mallory.sends("<iq type='set' id='slow'><query xmlns='jabber:iq:register'><remove/></query></iq>");
    EXPECT_THAT(mallory.gets(), HasSubstr("id='slow'"));
    EXPECT_EQ(alice.sends("<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>"), JABBERD_CONGESTED);
    EXPECT_EQ(server.host.readies(), 0);
    release.set_value();
    server.stop(); // waits until the queue is empty
    EXPECT_GE(server.host.readies(), 1);
}

} // namespace
} // namespace jabberd::test
