// SPDX-License-Identifier: LGPL-2.1-or-later
// What is kept of an account is bounded, and its owner can remove it.
#include "support/server.h"

#include "base/view.h"
#include "session_manager/roster/request.h"
#include "session_manager/storage/storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>

namespace jabberd::test {
namespace {

using session_manager::useful_part;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string base = "<register>yes</register><registrations per-hour='0'/><iterations>4096</iterations>";
const std::string get_roster = "<iq type='get' id='get'><query xmlns='jabber:iq:roster'/></iq>";

std::string contact(const std::string &name, const std::string &attributes = "", const std::string &inside = "")
{
    return "<iq type='set' id='set'><query xmlns='jabber:iq:roster'><item jid='" + name + "@there.net' " + attributes +
           ">" + inside + "</item></query></iq>";
}

std::string asks(ConnectedClient &client, const std::string &request)
{
    client.sends(request);
    return client.gets();
}

TEST(Kept, ARosterThatIsFullTakesNoMoreAndLosesNothing)
{
    Server server{base + "<roster max='3' bytes='4000'/>"};
    ConnectedClient alice = server.log_in("alice", "home");
    for (const char *name : {"a", "b"})
        EXPECT_THAT(asks(alice, contact(name)), HasSubstr("type='result'"));
    const std::string large = "<group>" + std::string(1000, 'x') + "</group><group>" + std::string(1000, 'y') +
                              "</group><group>" + std::string(1000, 'z') + "</group>";
    EXPECT_THAT(asks(alice, contact("c", "", large)), HasSubstr("type='result'"));
    EXPECT_THAT(asks(alice, contact("d")), HasSubstr("resource-constraint"));            // a fourth
    EXPECT_THAT(asks(alice, contact("a", "", large)), HasSubstr("resource-constraint")); // as large
    EXPECT_THAT(asks(alice, get_roster), AllOf(HasSubstr("<item jid='a@there.net' subscription='none'/>"),
                                               HasSubstr("zzz"), Not(HasSubstr("d@there.net"))));
    EXPECT_THAT(asks(alice, contact("c")), HasSubstr("c@there.net")); // smaller
    alice.gets();
    EXPECT_THAT(asks(alice, contact("a", "", large)), HasSubstr("xxx"));
    EXPECT_THAT(server.status(), AllOf(HasSubstr("refused: roster of an account=2 "), HasSubstr("roster bytes=")));
}

TEST(Kept, ALargerRosterFromBeforeIsKeptAndMayShrink)
{
    Server server;
    {
        ConnectedClient alice = server.log_in("alice", "home");
        for (const char *name : {"a", "b", "c"})
            asks(alice, contact(name));
    }
    server.restart(base + "<roster max='1' bytes='300'/>");
    ConnectedClient alice = server.log_in("alice", "home");
    EXPECT_THAT(asks(alice, get_roster), AllOf(HasSubstr("a@there"), HasSubstr("b@there"), HasSubstr("c@there")));
    EXPECT_THAT(asks(alice, contact("d")), HasSubstr("resource-constraint"));
    EXPECT_THAT(asks(alice, contact("a", "subscription='remove'")), HasSubstr("subscription='remove'"));
}

TEST(Kept, RequestsOfStrangersAreBoundedAndDoNotTakeTheOwnersRoom)
{
    Server server{base + "<roster max='2'/><requests max='5'/>"};
    ConnectedClient alice = server.log_in("alice", "home");
    for (int i = 0; i < 20; ++i)
        server.sends("<presence type='subscribe' to='alice@foo.com' from='s" + std::to_string(i) + "@there.net'/>");
    EXPECT_TRUE(alice.is_quiet());
    EXPECT_THAT(asks(alice, contact("a")), HasSubstr("type='result'"));
    alice.sends("<presence/>");
    EXPECT_THAT(alice.gets(), HasSubstr("from='alice@foo.com/home'"));
    for (int i = 0; i < 5; ++i)
        EXPECT_THAT(alice.gets(), AllOf(HasSubstr("type='subscribe'"), HasSubstr("s" + std::to_string(i) + "@")));
    EXPECT_TRUE(alice.is_quiet());
    alice.sends("<presence type='unsubscribed' to='s0@there.net'/>"); // declining makes room
    EXPECT_TRUE(alice.is_quiet());
    server.sends("<presence type='subscribe' to='alice@foo.com' from='new@there.net'/>");
    EXPECT_THAT(alice.gets(), HasSubstr("from='new@there.net'"));
}

TEST(Kept, OfARequestIsWhatAClientShows)
{
    const std::string status = "<status>Hello, it is me</status>";
    const std::string nick = "<nick xmlns='http://jabber.org/protocol/nick'>Bob</nick>";
    EXPECT_EQ(useful_part(status + "<x xmlns='vcard-temp:x:update'><photo>abc</photo></x>" + nick), status + nick);
    EXPECT_EQ(useful_part(""), "");
    EXPECT_EQ(useful_part("<status>" + std::string(1100, 'x') + "</status>"), "");
    EXPECT_EQ(useful_part("<x xmlns='y'>" + std::string(100'000, 'x') + "</x>"), "");
}

TEST(Kept, ALargeRequestFromBeforeGoesToNoClient)
{
    Server server;
    server.register_account("alice");
    {
        session_manager::Storage storage{server.database().string()};
        session_manager::RosterItem item;
        item.contact = "s@there.net";
        item.request = "<status>" + std::string(200'000, 'x') + "</status>";
        EXPECT_TRUE(storage.rosters.save("alice@foo.com", item));
    }
    ConnectedClient alice = server.log_in("alice", "home");
    alice.comes_online();
    EXPECT_EQ(alice.gets(), canonical("<presence type='subscribe' from='s@there.net' to='alice@foo.com'/>"));
}

TEST(Kept, DocumentsAreBoundedTogether)
{
    Server server{base + "<documents max='3' bytes='1000'/>"};
    ConnectedClient alice = server.log_in("alice", "home");
    const auto store = [&](const std::string &xmlns, std::size_t bytes) {
        return asks(alice, "<iq type='set' id='p'><query xmlns='jabber:iq:private'><x xmlns='" + xmlns + "'>" +
                               std::string(bytes, 'x') + "</x></query></iq>");
    };
    EXPECT_THAT(store("a", 500), HasSubstr("type='result'"));
    EXPECT_THAT(store("b", 600), HasSubstr("resource-constraint"));
    EXPECT_THAT(store("b", 10), HasSubstr("type='result'"));
    EXPECT_THAT(store("a", 990), HasSubstr("resource-constraint"));
    EXPECT_THAT(store("a", 10), HasSubstr("type='result'"));
    EXPECT_THAT(store("c", 10), HasSubstr("type='result'"));
    EXPECT_THAT(store("d", 10), HasSubstr("resource-constraint"));
    EXPECT_THAT(server.status(), HasSubstr("refused: documents of an account=3 "));
}

TEST(Kept, AnswersThatAreLargeAreWorkOfWhoAsks)
{
    Server server{base + "<work bytes='65536'/>"};
    ConnectedClient mallory = server.log_in("mallory", "home"), alice = server.log_in("alice", "home");
    const std::string large = "<group>" + std::string(1000, 'x') + "</group>";
    for (int i = 0; i < 30; ++i)
        EXPECT_THAT(asks(mallory, contact("c" + std::to_string(i), "", large)), HasSubstr("type='result'"));
    {
        ConnectedClient holder = server.log_in("holder", "home");
        std::promise<void> release;
        server.host.on_deliver = [released = release.get_future().share()](const jabberd_packet &packet) {
            if (text(packet.id) == "slow")
                released.wait();
        };
        holder.sends("<iq type='get' id='slow'><vCard xmlns='vcard-temp'/></iq>");
        holder.gets();
        for (int i = 0; i < 10; ++i)
            mallory.sends(get_roster);
        for (int i = 0; i < 9; ++i)
            EXPECT_THAT(mallory.gets(), HasSubstr("resource-constraint"));
        alice.sends(get_roster);
        release.set_value();
        EXPECT_THAT(mallory.gets(), AllOf(HasSubstr("type='result'"), HasSubstr("c29@there.net")));
        EXPECT_THAT(alice.gets(), HasSubstr("type='result'"));
        server.status(); // it waits for all that was held up
        server.host.on_deliver = nullptr;
    }
}

TEST(Kept, RostersOfAllAreBoundedForThoseWhoHaveMost)
{
    Server server{base + "<roster all-bytes='2000'/>"};
    ConnectedClient mallory = server.log_in("mallory", "home"), alice = server.log_in("alice", "home");
    int taken = 0;
    for (int i = 0; i < 20; ++i) {
        const std::string answer = asks(mallory, contact("c" + std::to_string(i)));
        taken += answer.find("type='result'") != std::string::npos ? 1 : 0;
    }
    EXPECT_GT(taken, 3);
    EXPECT_LT(taken, 8);
    EXPECT_THAT(asks(alice, contact("a")), HasSubstr("type='result'"));
    EXPECT_THAT(server.status(), HasSubstr("refused: roster bytes of all="));
}

} // namespace
} // namespace jabberd::test
