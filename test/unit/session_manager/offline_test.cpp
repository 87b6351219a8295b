// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/server.h"

#include "base/view.h"
#include "session_manager/storage/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>

namespace jabberd::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

void send(ConnectedClient &from, std::string_view text)
{
    from.sends("<message to='bob@foo.com' type='chat' id='i' xml:lang='de'><body>" + std::string{text} +
               "</body></message>");
}

TEST(Offline, MessagesWaitInOrderWithTheTime)
{
    Server server;
    server.register_account("bob");
    ConnectedClient alice = server.log_in("alice", "home");
    for (const char *text : {"one", "two", "three"})
        send(alice, text);
    ConnectedClient bob = server.log_in("bob", "work");
    bob.comes_online();
    for (const char *text : {"one", "two", "three"}) {
        EXPECT_THAT(
            bob.gets(),
            AllOf(HasSubstr(
                      "<message to='bob@foo.com' from='alice@foo.com/home' id='i' type='chat' xml:lang='de'><body>" +
                      std::string{text} + "</body>"),
                  HasSubstr("<delay xmlns='urn:xmpp:delay' from='foo.com' stamp='20"),
                  HasSubstr("<x xmlns='jabber:x:delay'")));
    }
    EXPECT_TRUE(bob.is_quiet());
}

TEST(Offline, MessagesSurviveARestart)
{
    Server server;
    server.register_account("bob");
    ConnectedClient alice = server.log_in("alice", "home");
    send(alice, "kept");
    server.stop();
    server.restart();
    ConnectedClient bob = server.log_in("bob", "work");
    bob.comes_online();
    EXPECT_THAT(bob.gets(), HasSubstr("kept"));
    EXPECT_TRUE(bob.is_quiet());
    ConnectedClient again = server.log_in("bob", "other"); // and only once
    again.comes_online();
    again.gets();
    EXPECT_TRUE(again.is_quiet());
}

TEST(Offline, MessagesWaitForANonNegativePriority)
{
    Server server;
    server.register_account("bob");
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    bob.comes_online("-1");
    send(alice, "hi");
    EXPECT_TRUE(bob.is_quiet());
    bob.comes_online("0");
    EXPECT_THAT(bob.gets(), HasSubstr("hi"));
}

// The storage thread waits in the meantime. What it delivers to whoever speaks, it then delivers itself: with somebody
// else still delivering to him, it would leave that to them.
void while_storage_waits(Server &server, ConnectedClient &client, const std::function<void()> &speak)
{
    std::promise<void> spoken;
    server.host.on_deliver = [then = server.host.on_deliver,
                              until = spoken.get_future().share()](const jabberd_packet &packet) {
        if (text(packet.id) == "fence")
            until.wait();
        else
            then(packet);
    };
    client.sends("<iq type='get' id='fence'><query xmlns='jabber:iq:private'><x xmlns='fence'/></query></iq>");
    speak();
    spoken.set_value();
}

// Who leaves while he gets his stored messages, and is back before what has waited meanwhile had its turn, gets the
// rest of the stored ones first. The host's hook runs on the storage thread here, between the two steps of it, so
// nothing depends on chance.
TEST(Offline, WhatIsStillStoredIsNotOvertakenByWhatWaited)
{
    Server server;
    server.register_account("bob");
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    send(alice, "stored 1");
    send(alice, "stored 2");
    server.host.on_deliver = [&](const jabberd_packet &packet) {
        if (text(packet.body).find("stored 1") != std::string_view::npos) {
            bob.sends("<presence type='unavailable'/>"); // the second stays where it is
            alice.sends("<message to='bob@foo.com' type='groupchat'><body>refused</body></message>");
            send(alice, "new");
        } else if (text(packet.type) == "error") {
            bob.sends("<presence/>"); // back, while "new" is the next that has waited
        }
    };
    while_storage_waits(server, alice, [&] { bob.comes_online(); });
    EXPECT_THAT(bob.gets(), HasSubstr("stored 1"));
    EXPECT_THAT(bob.gets(), HasSubstr("<presence"));
    EXPECT_THAT(bob.gets(), HasSubstr("stored 2"));
    EXPECT_THAT(bob.gets(), HasSubstr("<body>new</body>"));
    EXPECT_TRUE(bob.is_quiet());
}

// Presence while they come asks for them again, which must not end the wait of others.
TEST(Offline, PresenceWhileTheyComeLetsNobodyOvertakeThem)
{
    Server server;
    server.register_account("bob");
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    send(alice, "stored 1");
    send(alice, "stored 2");
    server.host.on_deliver = [&](const jabberd_packet &packet) {
        if (text(packet.body).find("stored 1") == std::string_view::npos)
            return;
        bob.sends("<presence type='unavailable'/>");
        bob.sends("<presence/>");
        send(alice, "new");
    };
    while_storage_waits(server, alice, [&] { bob.comes_online(); });
    EXPECT_THAT(bob.gets(), HasSubstr("stored 1"));
    EXPECT_THAT(bob.gets(), HasSubstr("<presence"));
    EXPECT_THAT(bob.gets(), HasSubstr("stored 2"));
    EXPECT_THAT(bob.gets(), HasSubstr("<body>new</body>"));
    EXPECT_TRUE(bob.is_quiet());
}

constexpr const char *composing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
constexpr const char *no_store = "<no-store xmlns='urn:xmpp:hints'/>";

std::string to_bob(const std::string &children, const std::string &attributes = "type='chat'")
{
    return "<message to='bob@foo.com' " + attributes + ">" + children + "</message>";
}

// RFC 6121 §8.5.2.2.1: stored or refused.
TEST(Offline, MessagesWithoutABodyWaitLikeOthers)
{
    const std::string kept[] = {
        "<x xmlns='http://jabber.org/protocol/muc#user'><invite to='bob@foo.com'/></x>",
        "<x xmlns='jabber:x:conference' jid='room@muc.foo.com'/>",
        "<subject>of interest</subject>",
        "<received xmlns='urn:xmpp:receipts' id='7'/>",
        "<html xmlns='x'><body>not one of ours</body></html>",
        "<encrypted xmlns='eu.siacs.conversations.axolotl'/>",
        std::string{composing} + "<x xmlns='jabber:x:conference' jid='room@muc.foo.com'/>",
        std::string{composing} + "<store xmlns='urn:xmpp:hints'/>",
        "",
    };
    for (const char *type : {"type='chat'", "type='normal'", "", "type='of the future'"}) {
        Server server;
        ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
        for (const std::string &children : kept)
            alice.sends(to_bob(children, type));
        EXPECT_TRUE(alice.is_quiet());
        EXPECT_THAT(server.status(), HasSubstr("offline_messages=" + std::to_string(std::size(kept)))) << type;
        bob.comes_online();
        for (const std::string &children : kept)
            EXPECT_THAT(bob.gets(), HasSubstr(children)) << type;
    }
}

TEST(Offline, ChatStatesAloneDoNotWait)
{
    Server server;
    server.register_account("bob");
    ConnectedClient alice = server.log_in("alice", "home");
    for (const std::string &around :
         {std::string{}, std::string{"<thread>t</thread>"}, std::string{no_store},
          std::string{"<origin-id xmlns='urn:xmpp:sid:0' id='1'/><no-permanent-store xmlns='urn:xmpp:hints'/>"}})
        alice.sends(to_bob(composing + around));
    EXPECT_TRUE(alice.is_quiet());
    EXPECT_THAT(server.status(), HasSubstr("offline_messages=0"));
}

TEST(Offline, WhatAFriendDoesNotWantStoredComesBack)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    {
        ConnectedClient bob = server.log_in("bob", "work");
        alice.comes_online();
        bob.comes_online();
        befriend(alice, bob);
        bob.disconnects();
        EXPECT_THAT(alice.gets(), HasSubstr("unavailable"));
    }
    alice.sends(to_bob("<body>for now</body>" + std::string{no_store}));
    EXPECT_THAT(alice.gets(), AllOf(HasSubstr("for now"), HasSubstr("service-unavailable")));
    alice.sends(to_bob("<body>x</body><store xmlns='urn:xmpp:hints'/>" + std::string{no_store}));
    EXPECT_THAT(alice.gets(), HasSubstr("service-unavailable"));
    EXPECT_THAT(server.status(), HasSubstr("offline_messages=0"));
    alice.sends(to_bob("<body>counted anew</body>"));
    EXPECT_TRUE(alice.is_quiet());
    EXPECT_THAT(server.status(), HasSubstr("offline_messages=1"));
}

TEST(Offline, WhatMayBeInNoArchiveWaitsAndLeavesNothingBehind)
{
    Server server;
    server.register_account("bob");
    ConnectedClient alice = server.log_in("alice", "home");
    alice.sends(to_bob("<body>for a while</body><no-permanent-store xmlns='urn:xmpp:hints'/>"));
    EXPECT_TRUE(alice.is_quiet());
    EXPECT_THAT(server.status(), HasSubstr("offline_messages=1"));
    ConnectedClient bob = server.log_in("bob", "work");
    bob.comes_online();
    EXPECT_THAT(bob.gets(), AllOf(HasSubstr("for a while"), HasSubstr("no-permanent-store")));
    EXPECT_TRUE(bob.is_quiet());
    EXPECT_THAT(server.status(), HasSubstr("offline_messages=0"));
}

// XEP-0359: we assign no stanza ids, and do not say that we do; so one that a client finds is for it to ignore.
TEST(Offline, IdsOfMessagesPassAsTheyAre)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    const std::string ids = "<origin-id xmlns='urn:xmpp:sid:0' id='1'/>"
                            "<stanza-id xmlns='urn:xmpp:sid:0' id='2' by='bob@foo.com'/>";
    alice.sends(to_bob("<body>hi</body>" + ids));
    EXPECT_TRUE(alice.is_quiet());
    bob.comes_online();
    EXPECT_THAT(bob.gets(), HasSubstr("<body>hi</body>" + ids + "<delay"));
    alice.sends(to_bob("<body>hi</body>" + ids));
    EXPECT_THAT(bob.gets(), HasSubstr("<body>hi</body>" + ids + "</message>"));
}

TEST(Offline, BeyondTheLimitTheSenderIsTold)
{
    Server server{"<register>yes</register><iterations>4096</iterations><offline max='2'/>"};
    server.register_account("bob");
    ConnectedClient alice = server.log_in("alice", "home");
    for (const char *text : {"one", "two", "three"})
        send(alice, text);
    EXPECT_THAT(alice.gets(), AllOf(HasSubstr("three"), HasSubstr("service-unavailable"), HasSubstr("type='error'")));
    EXPECT_TRUE(alice.is_quiet());
    EXPECT_THAT(server.status(), HasSubstr("offline_messages=2"));
}

// A socket manager disconnects a client who leaves more unread than its <queue>; what is stored must not be enough for
// that alone.
TEST(Offline, BeyondTheBytesTheSenderIsTold)
{
    constexpr std::string_view options = "<register>yes</register><iterations>4096</iterations><offline bytes='6000'/>";
    Server server{options};
    server.register_account("bob");
    ConnectedClient alice = server.log_in("alice", "home");
    const std::string large(3000, 'x');
    send(alice, "first" + large);
    send(alice, "second" + large);
    EXPECT_THAT(alice.gets(), AllOf(HasSubstr("second"), HasSubstr("service-unavailable")));
    send(alice, "small"); // there is room for it
    EXPECT_TRUE(alice.is_quiet());

    server.stop();
    server.restart(options);
    ConnectedClient sender = server.log_in("alice", "home");
    send(sender, "third" + large);
    EXPECT_THAT(sender.gets(), AllOf(HasSubstr("third"), HasSubstr("service-unavailable"))); // counted anew

    ConnectedClient bob = server.log_in("bob", "work");
    bob.comes_online();
    EXPECT_THAT(bob.gets(), HasSubstr("first"));
    EXPECT_THAT(bob.gets(), HasSubstr("small"));
    EXPECT_TRUE(bob.is_quiet());
    bob.disconnects();
    send(sender, "fourth" + large); // room again
    EXPECT_TRUE(sender.is_quiet());
}

TEST(Offline, WhenTheDatabaseFailsTheSenderIsToldAndNothingIsCounted)
{
    Server server{"<register>yes</register><iterations>4096</iterations><offline max='1'/>"};
    ConnectedClient alice = server.log_in("alice", "home"),
                    bob = server.log_in("bob", "work"); // who is in memory, so the count is, too
    {
        session_manager::Database database{server.database().string()};
        database.execute("CREATE TRIGGER broken BEFORE INSERT ON offline BEGIN SELECT RAISE(FAIL, 'broken'); END");
    }
    for (int i = 0; i < 2; ++i) {
        send(alice, "lost");
        const std::string got = alice.gets();
        EXPECT_THAT(got, AllOf(HasSubstr("type='error'"), HasSubstr("from='bob@foo.com'"),
                               HasSubstr("<body>lost</body>"), HasSubstr("internal-server-error"), HasSubstr("wait")));
        EXPECT_THAT(got, Not(HasSubstr("urn:xmpp:delay")));
    }
    EXPECT_THAT(server.host.logs(), Contains(HasSubstr("the database failed")));
    {
        session_manager::Database database{server.database().string()};
        database.execute("DROP TRIGGER broken");
    }
    send(alice, "kept");
    EXPECT_TRUE(alice.is_quiet());
    bob.comes_online();
    EXPECT_THAT(bob.gets(), HasSubstr("kept"));
}

TEST(Offline, AWelcomeWaitsForANewUser)
{
    Server server{"<register>yes</register><iterations>4096</iterations><welcome><subject>Hello</subject><body>Read "
                  "the &lt;rules&gt;</body></welcome>"};
    ConnectedClient bob = server.log_in("bob", "work");
    bob.comes_online();
    EXPECT_THAT(bob.gets(), AllOf(HasSubstr("<message to='bob@foo.com' from='foo.com'>"),
                                  HasSubstr("<subject>Hello</subject><body>Read the &lt;rules&gt;</body>")));
}

TEST(Returned, MessagesGoToAnotherSessionAsTheyWere)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), one = server.log_in("bob", "one"),
                    two = server.log_in("bob", "two");
    two.comes_online();
    one.returns("<message to='bob@foo.com/one' from='alice@foo.com/home' id='1' type='chat'><body>hi</body></message>");
    EXPECT_EQ(
        two.gets(),
        canonical(
            "<message to='bob@foo.com/one' from='alice@foo.com/home' id='1' type='chat'><body>hi</body></message>"));
    EXPECT_TRUE(two.is_quiet());
    EXPECT_TRUE(alice.is_quiet());
}

TEST(Returned, MessagesWithoutATypeGetNone)
{
    Server server;
    ConnectedClient one = server.log_in("bob", "one"), two = server.log_in("bob", "two");
    two.comes_online();
    one.returns("<message to='bob@foo.com' from='x@y/z'><body>hi</body></message>");
    EXPECT_EQ(two.gets(), canonical("<message to='bob@foo.com' from='x@y/z'><body>hi</body></message>"));
}

TEST(Returned, SeveralAreAllKeptInOrderAlsoAfterTheFirstEndedTheSession)
{
    Server server;
    ConnectedClient one = server.log_in("bob", "one");
    one.comes_online();
    for (const char *text : {"first", "second", "third"})
        one.returns("<message to='bob@foo.com' from='x@y/z' type='chat'><body>" + std::string{text} +
                    "</body></message>");
    one.disconnects();
    ConnectedClient two = server.log_in("bob", "two");
    two.comes_online();
    for (const char *text : {"first", "second", "third"})
        EXPECT_THAT(two.gets(), AllOf(HasSubstr("type='chat'"), HasSubstr(text), HasSubstr("urn:xmpp:delay")));
    EXPECT_TRUE(two.is_quiet());
}

TEST(Returned, OfflineMessagesKeepTheirFirstTime)
{
    Server server;
    ConnectedClient one = server.log_in("bob", "one");
    one.comes_online();
    one.returns("<message to='bob@foo.com' from='x@y/z'><body>hi</body><delay xmlns='urn:xmpp:delay' from='foo.com' "
                "stamp='2001-01-01T00:00:00Z'/></message>");
    ConnectedClient two = server.log_in("bob", "two");
    two.comes_online();
    const std::string got = two.gets();
    EXPECT_THAT(got, HasSubstr("2001-01-01T00:00:00Z"));
    EXPECT_EQ(got.find("<delay"), got.rfind("<delay"));
}

TEST(Returned, OfTheOldConnectionReachTheNewSessionOfTheSameName)
{
    Server server;
    ConnectedClient first = server.log_in("bob", "work"), second = server.log_in("bob", "work");
    second.comes_online();
    first.returns("<message to='bob@foo.com/work' from='x@y/z' type='chat'><body>hi</body></message>");
    EXPECT_THAT(second.gets(), HasSubstr("hi"));
    EXPECT_TRUE(second.is_quiet()); // it is not ended by it
}

TEST(Returned, IqAndPresenceAndErrorsAreDropped)
{
    Server server;
    ConnectedClient one = server.log_in("bob", "one"), two = server.log_in("bob", "two");
    two.comes_online();
    one.returns("<iq to='bob@foo.com/one' from='x@y/z' type='get' id='1'><query xmlns='jabber:iq:version'/></iq>");
    one.returns("<presence to='bob@foo.com' from='x@y/z'/>");
    one.returns("<message to='bob@foo.com/one' from='x@y/z' type='error'><body>hi</body></message>");
    EXPECT_TRUE(two.is_quiet());
}

TEST(Returned, FromAConnectionThatNeverHadTheSessionAreForged)
{
    Server server;
    ConnectedClient mallory = server.log_in("mallory", "x"), bob = server.log_in("bob", "work");
    bob.comes_online();
    ConnectedClient forger{server, mallory.connection, bob.session};
    forger.returns(
        "<message to='bob@foo.com/work' from='alice@foo.com/home' type='chat'><body>forged</body></message>");
    EXPECT_TRUE(bob.is_quiet());
    // Nor may one's own connection return what was never for oneself.
    mallory.returns(
        "<message to='bob@foo.com/work' from='alice@foo.com/home' type='chat'><body>forged</body></message>");
    EXPECT_TRUE(bob.is_quiet());
}

TEST(Returned, ADisconnectEndsTheSessionAndIsNotAnswered)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "work");
    alice.comes_online();
    bob.comes_online();
    befriend(alice, bob);
    bob.disconnects();
    EXPECT_EQ(alice.gets(), canonical("<presence type='unavailable' from='bob@foo.com/work' to='alice@foo.com'/>"));
    bob.sends("<message to='alice@foo.com'><body>late</body></message>");
    EXPECT_THAT(bob.gets_routed(), HasSubstr("510")); // the only thing that comes: the answer to the late packet
    EXPECT_TRUE(alice.is_quiet());
    EXPECT_THAT(server.status(), Not(HasSubstr("sessions=2 ")));
}

} // namespace
} // namespace jabberd::test
