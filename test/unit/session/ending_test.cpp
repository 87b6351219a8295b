// SPDX-License-Identifier: LGPL-2.1-or-later
// Why a session ended, as its client is told.
#include "session/ending.h"

#include "packet/notice.h"
#include "support/packet_from_xml.h"

#include <gtest/gtest.h>

#include <string>

namespace jabberd::session {
namespace {

std::string told(const std::string &inside, bool authenticated = true)
{
    const OwnedPacket notice =
        test::packet_from_xml("<message type='error' sto='7@c2s/1' sfrom='foo.com'>" + inside + "</message>");
    const Ending ending = ending_of(notice.packet(), authenticated);
    return std::string{stream::name(ending.condition)} + ": " + ending.text;
}

std::string condition_of(const std::string &text, bool authenticated = true)
{
    const std::string all = told("<error code='510'>" + text + "</error>", authenticated);
    return all.substr(0, all.find(':'));
}

TEST(Ending, IsAConflictForANewerLoginOnly)
{
    for (const char *text : {"", "Disconnected", "Replaced by new connection", "replaced", "Conflict"})
        EXPECT_EQ(condition_of(text), "conflict") << text;
    for (const char *text : {"", "Disconnected", "Replaced by new connection"})
        EXPECT_EQ(condition_of(text, false), "reset") << "nobody has logged in: " << text;
}

TEST(Ending, OfABrokenLinkIsARemoteConnectionThatFailed)
{
    for (const char *text :
         {"Server Configuration Error", "Server Delivery Error", "Component 'jsm' is not connected to server",
          "Internal Timeout", "External Server Error", "Internal Delivery Error", "Remote Server Error",
          "Unable to deliver, destination unknown"})
        EXPECT_EQ(condition_of(text), "remote-connection-failed") << text;
}

TEST(Ending, OfASessionThatIsNotKnownIsAReset)
{
    for (const char *text : {"Invalid Session", "Invalid User", "No such session", "Kicked", "JSM shutdown"})
        EXPECT_EQ(condition_of(text), "reset") << text;
    EXPECT_EQ(told("<error code='510'>Kicked</error>"), "reset: Kicked");
}

TEST(Ending, BeforeLoginAHostThatNobodyServesIsUnknown)
{
    EXPECT_EQ(condition_of("Server Configuration Error", false), "host-unknown");
    EXPECT_EQ(condition_of("Server Delivery Error", false), "remote-connection-failed");
}

TEST(Ending, IsWhatTheSessionManagerSays)
{
    const packet::EndNotice notice{"7@c2s/1", "alice@foo.com/r", {"not-authorized", "The <account> was removed"}};
    const Ending ending = ending_of(notice.packet(), true);
    EXPECT_EQ(ending.condition, stream::Condition::NotAuthorized);
    EXPECT_EQ(ending.text, "The <account> was removed");
    EXPECT_TRUE(packet::is_disconnected(notice.packet()));
    EXPECT_FALSE(packet::hidden_packet(notice.packet())) << "an <end/> is no part of a packet that came back";
    EXPECT_EQ(told("<end xmlns='jabber:socket-manager:end' condition='system-shutdown'/><error code='510'/>"),
              "system-shutdown: ");
}

TEST(Ending, SendsAClientElsewhereIfItSaysWhere)
{
    const packet::EndNotice notice{"7@c2s/1", "alice@foo.com/r", {"see-other-host", "Away", "b.foo.com:5223"}};
    const Ending ending = ending_of(notice.packet(), true);
    EXPECT_EQ(ending.condition, stream::Condition::SeeOtherHost);
    EXPECT_EQ(ending.host, "b.foo.com:5223");
    EXPECT_EQ(told("<error code='510'>Invalid Session</error><end xmlns='jabber:socket-manager:end' "
                   "condition='see-other-host'/>")
                  .substr(0, 5),
              "reset");
}

TEST(Ending, IsNotSaidInAnotherNamespaceOrByAnUnknownCondition)
{
    EXPECT_EQ(told("<error code='510'>Invalid Session</error><end xmlns='urn:x' condition='conflict'/>").substr(0, 5),
              "reset");
    EXPECT_EQ(told("<error code='510'>Invalid Session</error><end condition='conflict'/>").substr(0, 5), "reset");
    for (const char *condition : {"", "CONFLICT", "undefined", "no-such-condition", "conflict "})
        EXPECT_EQ(told("<error code='510'>Invalid Session</error><end xmlns='jabber:socket-manager:end' condition='" +
                       std::string{condition} + "'/>")
                      .substr(0, 5),
                  "reset")
            << condition;
}

TEST(Ending, KeepsAPacketThatCameBackApartFromHowItEnded)
{
    const OwnedPacket returned = test::packet_from_xml(
        "<message type='error' to='a@b' sto='7@c2s/1' sfrom='foo.com'><body>hi</body><error code='510' type='chat'/>"
        "<end xmlns='jabber:socket-manager:end' condition='reset'/></message>");
    const auto hidden = packet::hidden_packet(returned.packet());
    ASSERT_TRUE(hidden);
    EXPECT_EQ(hidden->body, "<body>hi</body>");
}

} // namespace
} // namespace jabberd::session
