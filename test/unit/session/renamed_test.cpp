// SPDX-License-Identifier: LGPL-2.1-or-later
// A client that knows its server by another name.
#include "session/client_says.h"
#include "session/renamed.h"

#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

// What becomes of "to from", for a client that calls foo.com foo.net.
std::string renamed(std::string_view to, std::string_view from)
{
    xml::Stanza stanza;
    stanza.packet.to = view(to);
    stanza.packet.from = view(from);
    const session::Renamed result{stanza, "foo.net", "foo.com"};
    return std::string{text(result.stanza().packet.to)} + " " + std::string{text(result.stanza().packet.from)};
}

TEST(Renamed, ChangesTheHostAndNothingElse)
{
    EXPECT_EQ(renamed("bob@foo.net/r@foo.net", "alice@foo.net"), "bob@foo.com/r@foo.net alice@foo.com");
    EXPECT_EQ(renamed("foo.net", "FOO.NET/x"), "foo.com foo.com/x");
    EXPECT_EQ(renamed("foo.net@bar.com/foo.net", "foo.com"), "foo.net@bar.com/foo.net foo.com");
    EXPECT_EQ(renamed("bob@chat.foo.net", "bob@foo.net.org"), "bob@chat.foo.net bob@foo.net.org");
    EXPECT_EQ(renamed("", "@"), " @");
}

TEST(Renamed, LeavesAbsentWhatIsAbsent)
{
    const xml::Stanza stanza;
    EXPECT_FALSE(present(session::Renamed(stanza, "foo.net", "foo.com").stanza().packet.to));
}

TEST(Session, KnowsWhatItsClientCallsTheHost)
{
    session::Session session{"7@c2s/1", "foo.com"};
    EXPECT_EQ(session.alias(), "");
    session.known_as("foo.net");
    EXPECT_EQ(session.alias(), "foo.net");
    handover::ConnectionState state;
    session.save(state);
    EXPECT_EQ(session::Session{state}.alias(), "foo.net") << "after a swap, too";
    session.known_as("FOO.com");
    EXPECT_EQ(session.alias(), "");
}

TEST(Session, DoesNotMentionRegistrationWhenToldSo)
{
    Talk talk;
    EXPECT_NE((talk.session.assume_iq_auth(true), talk.session.take_features()).find("iq-register"), std::string::npos);
    talk.session.hide_registration();
    talk.session.assume_iq_auth(true);
    const std::string features = talk.session.take_features();
    EXPECT_EQ(features.find("iq-register"), std::string::npos) << features;
    EXPECT_NE(features.find("iq-auth"), std::string::npos) << features;
    EXPECT_NE(talk.client("<iq type='get' id='1'><query xmlns='jabber:iq:register'/></iq>").find("jabber:iq:register"),
              std::string::npos)
        << "and does not forbid it";
}

} // namespace
} // namespace jabberd::test
