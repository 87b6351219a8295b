// SPDX-License-Identifier: LGPL-2.1-or-later
// Message Carbons (XEP-0280): which messages are copied, to whom, and what becomes of copies that come back.
#include "support/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string said = "<body>hi &amp; &lt;all&gt;</body>";

void sets_carbons(ConnectedClient &client, const std::string &verb)
{
    client.sends("<iq type='set' id='c'><" + verb + " xmlns='urn:xmpp:carbons:2'/></iq>");
    EXPECT_EQ(client.gets(), canonical("<iq type='result' id='c' to='" + client.session + "'/>"));
}

std::string message_with(const std::string &attributes, const std::string &body)
{
    return "<message " + attributes + ">" + body + "</message>";
}

// The copy of a message, as it is given to the session.
std::string copy_for(const ConnectedClient &client, const std::string &side, const std::string &type,
                     const std::string &message)
{
    std::string inner = canonical(message);
    inner.insert(inner.find(' '), " xmlns='jabber:client'");
    return "<message to='" + client.session + "' from='" + client.session.substr(0, client.session.find('/')) + "'" +
           (type.empty() ? "" : " type='" + type + "'") + "><" + side +
           " xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>" + inner + "</forwarded></" + side +
           "></message>";
}

// Bob with two sessions with carbons and one without, none of which has sent presence; and alice.
struct Desk {
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), one = server.log_in("bob", "one"),
                    two = server.log_in("bob", "two"), plain = server.log_in("bob", "plain");

    Desk()
    {
        sets_carbons(one, "enable");
        sets_carbons(two, "enable");
    }
    bool is_quiet() { return alice.is_quiet() && one.is_quiet() && two.is_quiet() && plain.is_quiet(); }
};

TEST(Carbons, AreAdvertisedByTheServer)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.sends("<iq type='get' id='d' to='foo.com'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
    EXPECT_THAT(alice.gets(),
                AllOf(HasSubstr("<feature var='urn:xmpp:carbons:2'/>"), HasSubstr("<feature var='urn:xmpp:hints'/>"),
                      HasSubstr("<feature var='msgoffline'/>"), Not(HasSubstr("urn:xmpp:sid:0"))));
}

TEST(Carbons, OfAReceivedMessageGoToTheOtherSessionsThatAskedForThem)
{
    Desk bob;
    const std::string sent =
        message_with("from='alice@foo.com/home' id='1' to='bob@foo.com/one' type='chat' xml:lang='de'", said);
    bob.alice.sends(sent);
    EXPECT_EQ(bob.one.gets(), canonical(sent));
    EXPECT_EQ(bob.two.gets(), copy_for(bob.two, "received", "chat", sent));
    EXPECT_TRUE(bob.is_quiet());
}

TEST(Carbons, OfAMessageToASessionWithoutThemGoToThoseWithThem)
{
    Desk bob;
    const std::string sent = message_with("from='x@else.net/r' to='bob@foo.com/plain'", said);
    bob.server.sends(sent);
    EXPECT_EQ(bob.plain.gets(), canonical(sent));
    EXPECT_EQ(bob.one.gets(), copy_for(bob.one, "received", "", sent));
    EXPECT_EQ(bob.two.gets(), copy_for(bob.two, "received", "", sent));
    EXPECT_TRUE(bob.is_quiet());
}

TEST(Carbons, OfASentMessageGoToTheSendersOtherSessions)
{
    Desk bob;
    for (const std::string to : {"alice@foo.com/home", "x@else.net"}) {
        const std::string sent = message_with("from='bob@foo.com/one' id='2' to='" + to + "' type='chat'", said);
        bob.one.sends(sent);
        EXPECT_EQ(bob.two.gets(), copy_for(bob.two, "sent", "chat", sent));
        EXPECT_EQ(to == "x@else.net" ? bob.server.next() : bob.alice.gets(), canonical(sent));
    }
    // Whether the sender has them makes no difference.
    const std::string sent = message_with("from='bob@foo.com/plain' to='alice@foo.com/home' type='chat'", said);
    bob.plain.sends(sent);
    EXPECT_EQ(bob.one.gets(), copy_for(bob.one, "sent", "chat", sent));
    EXPECT_EQ(bob.two.gets(), copy_for(bob.two, "sent", "chat", sent));
    bob.alice.gets();
    EXPECT_TRUE(bob.is_quiet());
}

TEST(Carbons, EndWhenTheSessionWantsNoneAnyMore)
{
    Desk bob;
    sets_carbons(bob.two, "enable"); // twice is once
    sets_carbons(bob.two, "disable");
    bob.alice.sends(message_with("to='bob@foo.com/one' type='chat'", said));
    bob.one.gets();
    bob.one.sends(message_with("to='alice@foo.com/home' type='chat'", said));
    bob.alice.gets();
    EXPECT_TRUE(bob.is_quiet());
}

TEST(Carbons, ReachNoSessionThatGetsTheMessageItself)
{
    Desk bob;
    bob.one.comes_online("1");
    bob.plain.comes_online("1");
    bob.two.comes_online("-1");
    bob.one.gets();
    bob.one.gets();
    bob.plain.gets();
    bob.plain.gets();
    bob.two.gets();
    bob.two.gets();
    EXPECT_TRUE(bob.is_quiet());
    const std::string sent = message_with("from='alice@foo.com/home' to='bob@foo.com' type='chat'", said);
    bob.alice.sends(sent);
    EXPECT_EQ(bob.one.gets(), canonical(sent));
    EXPECT_EQ(bob.plain.gets(), canonical(sent));
    EXPECT_EQ(bob.two.gets(), copy_for(bob.two, "received", "chat", sent)) << "although of negative priority";
    EXPECT_TRUE(bob.is_quiet());
}

TEST(Carbons, OfAMessageToTheOwnAccountReachNoSessionTwice)
{
    Desk bob;
    const std::string sent = message_with("from='bob@foo.com/one' to='bob@foo.com/plain' type='chat'", said);
    bob.one.sends(sent);
    EXPECT_EQ(bob.plain.gets(), canonical(sent));
    EXPECT_EQ(bob.two.gets(), copy_for(bob.two, "received", "chat", sent));
    EXPECT_TRUE(bob.is_quiet());
}

TEST(Carbons, AreNotMadeOfWhatIsStored)
{
    Desk bob;
    bob.alice.sends(message_with("to='bob@foo.com' type='chat'", said));
    EXPECT_TRUE(bob.is_quiet());
    EXPECT_THAT(bob.server.status(), HasSubstr("offline_messages=1"));
    bob.plain.comes_online();
    EXPECT_THAT(bob.plain.gets(), HasSubstr("urn:xmpp:delay"));
    EXPECT_TRUE(bob.is_quiet());
}

struct CopyCase {
    const char *type, *body;
    bool when_received, when_sent;
};

TEST(Carbons, AreMadeOfConversationsOnly)
{
    const std::string room = "<x xmlns='http://jabber.org/protocol/muc#user'/>";
    const std::string chat_state = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
    const CopyCase cases[] = {
        {"chat", "", true, true},
        {"chat", chat_state.c_str(), true, true},
        {"", "<body>hi</body>", true, true},
        {"normal", "<body>hi</body>", true, true},
        {"of-the-future", "<body>hi</body>", true, true},
        {"normal", "<subject>s</subject>", false, false},
        {"normal", "<event xmlns='http://jabber.org/protocol/pubsub#event'><body>hi</body></event>", false, false},
        {"normal", "<received xmlns='urn:xmpp:receipts' id='1'/>", true, true},
        {"normal", "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>", true, true},
        {"normal", "<x xmlns='jabber:x:conference' jid='r@muc'/>", true, true},
        {"normal", "<x xmlns='http://jabber.org/protocol/muc#user'><invite from='a@b'/></x>", true, true},
        {"chat", room.c_str(), false, true},
        {"headline", "<body>hi</body>", false, false},
        {"groupchat", "<body>hi</body>", false, false},
        {"error", "<body>hi</body><error type='cancel'/>", true, true},
        {"error", "<error type='cancel'/>", false, false},
        {"chat", "<body>hi</body><private xmlns='urn:xmpp:carbons:2'/>", false, false},
        {"chat", "<body>hi</body><no-copy xmlns='urn:xmpp:hints'/>", false, false},
        {"chat", "<body>hi</body><no-store xmlns='urn:xmpp:hints'/>", true, true},
        {"chat", "<body>urn:xmpp:hints no-copy urn:xmpp:carbons:2 private</body>", true, true},
        {"chat", "<sent xmlns='urn:xmpp:carbons:2'/>", false, false},
        {"chat", "<received xmlns='urn:xmpp:carbons:2'/>", false, false},
    };
    Desk bob;
    for (const auto &[type, body, when_received, when_sent] : cases) {
        const std::string attributes = std::string{*type == '\0' ? "" : "type='"} + type + (*type == '\0' ? "" : "'");
        const std::string about = attributes + " " + body;
        bob.alice.sends(message_with("to='bob@foo.com/one' " + attributes, body));
        EXPECT_THAT(bob.one.gets(), HasSubstr("from='alice@foo.com/home'")) << about;
        if (when_received) {
            EXPECT_THAT(bob.two.gets(), HasSubstr("<received xmlns='urn:xmpp:carbons:2'><forwarded")) << about;
        }
        bob.one.sends(message_with("to='alice@foo.com/home' " + attributes, body));
        EXPECT_THAT(bob.alice.gets(), HasSubstr("from='bob@foo.com/one'")) << about;
        if (when_sent) {
            EXPECT_THAT(bob.two.gets(), HasSubstr("<sent xmlns='urn:xmpp:carbons:2'><forwarded")) << about;
        }
        ASSERT_TRUE(bob.is_quiet()) << about;
    }
}

TEST(Carbons, HintOfAPrivateMessageIsForServersOnly)
{
    Desk bob;
    const std::string hint = "<private xmlns='urn:xmpp:carbons:2'/>";
    const std::string after = "<x xmlns='y'/>";
    for (const std::string to : {"bob@foo.com/one", "bob@foo.com/plain"}) {
        bob.alice.sends(message_with("to='" + to + "' type='chat'", said + hint + after));
        EXPECT_EQ((to == "bob@foo.com/one" ? bob.one : bob.plain).gets(),
                  canonical(message_with("from='alice@foo.com/home' to='" + to + "' type='chat'", said + after)));
    }
    bob.one.sends(message_with("to='x@else.net' type='chat'", said + hint));
    EXPECT_EQ(bob.server.next(),
              canonical(message_with("from='bob@foo.com/one' to='x@else.net' type='chat'", said + hint)))
        << "its server needs it";
    EXPECT_TRUE(bob.is_quiet());
}

// A client takes a copy for one only when it comes from its own bare address (XEP-0280 §11).
TEST(Carbons, CannotBeForged)
{
    Desk bob;
    const std::string forged = "<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message "
                               "xmlns='jabber:client' from='x@bank.net' to='bob@foo.com'><body>pay</body></message>"
                               "</forwarded></received>";
    bob.alice.sends(message_with("to='bob@foo.com/one' from='bob@foo.com' type='chat'", forged));
    EXPECT_EQ(bob.one.gets(),
              canonical(message_with("to='bob@foo.com/one' from='alice@foo.com/home' type='chat'", forged)));
    bob.plain.sends(message_with("to='bob@foo.com/one' from='bob@foo.com' type='chat'", forged));
    EXPECT_EQ(bob.one.gets(),
              canonical(message_with("to='bob@foo.com/one' from='bob@foo.com/plain' type='chat'", forged)));
    EXPECT_TRUE(bob.is_quiet());
}

TEST(Carbons, OfRefusedMessagesAreNotMade)
{
    Desk bob;
    bob.one.sends("<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='x@else.net'/></block></iq>");
    bob.one.gets();
    bob.one.sends(message_with("to='x@else.net' type='chat'", said));
    EXPECT_THAT(bob.one.gets(), HasSubstr("urn:xmpp:blocking:errors"));
    bob.one.sends(message_with("to='no space@else.net' type='chat'", said));
    EXPECT_THAT(bob.one.gets(), HasSubstr("jid-malformed"));
    bob.server.sends(message_with("from='x@else.net' to='bob@foo.com/one' type='chat'", said));
    EXPECT_THAT(bob.server.next(), HasSubstr("service-unavailable"));
    EXPECT_TRUE(bob.is_quiet());
}

const std::string sent_to_one = message_with("from='alice@foo.com/home' id='7' to='bob@foo.com/one' type='chat'", said);

TEST(Carbons, OfAMessageThatComesBackAreEnough)
{
    Desk bob;
    bob.two.comes_online();
    bob.two.gets();
    bob.alice.sends(sent_to_one);
    bob.one.gets();
    EXPECT_THAT(bob.two.gets(), HasSubstr("<received"));
    bob.one.returns(sent_to_one);
    EXPECT_TRUE(bob.two.is_quiet()) << "no message that it has got already";
    EXPECT_THAT(bob.server.status(), HasSubstr("offline_messages=0"));
}

TEST(Carbons, ThatComeBackAreNoLossWhileTheMessageIsThere)
{
    Desk bob;
    bob.plain.comes_online();
    bob.alice.sends(sent_to_one);
    bob.one.gets();
    const std::string copy = bob.two.gets();
    bob.two.returns(copy);
    EXPECT_TRUE(bob.one.is_quiet() && bob.plain.is_quiet());
    EXPECT_THAT(bob.server.status(), HasSubstr("offline_messages=0"));
    // Then the message comes back as well, and nobody has it.
    bob.one.returns(sent_to_one);
    EXPECT_EQ(bob.plain.gets(), canonical(sent_to_one));
    EXPECT_TRUE(bob.plain.is_quiet());
}

TEST(Carbons, ThatAreTheLastOnesToComeBackAreTheMessage)
{
    Desk bob;
    bob.alice.sends(sent_to_one);
    bob.one.gets();
    const std::string copy = bob.two.gets();
    bob.one.returns(sent_to_one);
    EXPECT_THAT(bob.server.status(), HasSubstr("offline_messages=0"));
    bob.two.returns(copy);
    EXPECT_THAT(bob.server.status(), HasSubstr("offline_messages=1"));
    ConnectedClient late = bob.server.log_in("bob", "late");
    late.comes_online();
    EXPECT_THAT(late.gets(), AllOf(HasSubstr("from='alice@foo.com/home' id='7'"), HasSubstr("type='chat'"),
                                   HasSubstr(said + "<delay"), Not(HasSubstr("forwarded"))));
    EXPECT_TRUE(late.is_quiet());
}

TEST(Carbons, OfSentMessagesThatComeBackAreDropped)
{
    Desk bob;
    bob.plain.comes_online();
    bob.one.sends(message_with("to='alice@foo.com/home' type='chat'", said));
    bob.alice.gets();
    bob.two.returns(bob.two.gets());
    EXPECT_TRUE(bob.one.is_quiet() && bob.plain.is_quiet() && bob.alice.is_quiet());
    EXPECT_THAT(bob.server.status(), HasSubstr("offline_messages=0"));
}

} // namespace
} // namespace jabberd::test
