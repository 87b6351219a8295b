// SPDX-License-Identifier: LGPL-2.1-or-later
// Roster versioning (RFC 6121 §2.6).
#include "support/server.h"

#include "session_manager/roster/roster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jabberd::test {
namespace {

using session_manager::Roster;
using session_manager::RosterItem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

RosterItem listed_item(const std::string &contact, const std::string &name = "")
{
    RosterItem item;
    item.contact = contact;
    item.name = name;
    item.listed = true;
    return item;
}

RosterItem no_item(const std::string &contact)
{
    RosterItem item;
    item.contact = contact;
    return item;
}

TEST(RosterVersion, IsTheSameForRostersThatLookTheSame)
{
    Roster one, other;
    const std::string empty = one.version();
    for (const char *contact : {"a@b", "c@d", "e@f"})
        one.put(listed_item(contact));
    for (const char *contact : {"e@f", "x@y", "a@b", "c@d"})
        other.put(listed_item(contact, "another name"));
    EXPECT_NE(one.version(), other.version());
    for (const char *contact : {"c@d", "a@b", "e@f"})
        other.put(listed_item(contact));
    EXPECT_NE(one.version(), other.version());
    other.put(no_item("x@y"));
    EXPECT_EQ(one.version(), other.version());
    for (const char *contact : {"a@b", "c@d", "e@f"})
        one.put(no_item(contact));
    EXPECT_EQ(one.version(), empty);
}

TEST(RosterVersion, ChangesWithAllThatClientsSeeAndNothingElse)
{
    Roster roster;
    std::vector<std::string> versions{roster.version()};
    const auto put = [&](const RosterItem &item) {
        roster.put(item);
        versions.push_back(roster.version());
    };
    RosterItem item = listed_item("a@b");
    put(item);
    item.name = "A";
    put(item);
    item.groups = "<group>G</group>";
    put(item);
    item.ask = true;
    put(item);
    item.to = true;
    put(item);
    item.from = true;
    put(item);
    for (std::size_t i = 0; i < versions.size(); ++i)
        for (std::size_t j = i + 1; j < versions.size(); ++j)
            EXPECT_NE(versions[i], versions[j]) << i << " and " << j;
    item.request = "please";
    put(item);
    EXPECT_EQ(versions.back(), versions[versions.size() - 2]);
    RosterItem stranger;
    stranger.contact = "s@t";
    stranger.request = "please";
    put(stranger);
    EXPECT_EQ(versions.back(), versions[versions.size() - 2]);
}

std::string asks_roster(ConnectedClient &client, const std::string &version)
{
    client.sends("<iq type='get' id='v'><query xmlns='jabber:iq:roster' ver='" + version + "'/></iq>");
    return client.gets();
}

std::string version_in(const std::string &text)
{
    const auto at = text.find(" ver='");
    return at == std::string::npos ? "(none)" : text.substr(at + 6, text.find('\'', at + 6) - at - 6);
}

std::string is_current(const ConnectedClient &client)
{
    return canonical("<iq type='result' id='v' to='" + client.session + "'/>");
}

std::string set_item(const std::string &item)
{
    return "<iq type='set' id='s'><query xmlns='jabber:iq:roster'>" + item + "</query></iq>";
}

TEST(RosterVersion, SavesTheRosterWhereTheClientHasIt)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), other = server.log_in("alice", "other");
    const std::string empty = asks_roster(alice, "");
    EXPECT_THAT(empty, HasSubstr("<query xmlns='jabber:iq:roster' ver='"));
    EXPECT_EQ(asks_roster(alice, version_in(empty)), is_current(alice));
    alice.sends(set_item("<item jid='bob@foo.com' name='B'/>"));
    const std::string pushed = alice.gets();
    alice.gets(); // result
    EXPECT_NE(version_in(pushed), version_in(empty));
    EXPECT_EQ(asks_roster(other, version_in(pushed)), is_current(other));
    EXPECT_THAT(asks_roster(other, version_in(empty)), AllOf(HasSubstr("name='B'"), HasSubstr(version_in(pushed))));
    EXPECT_THAT(asks_roster(other, "never heard of"), HasSubstr("name='B'"));
}

TEST(RosterVersion, OfNoInterestIsNotToldToClientsThatDoNotKnowIt)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), old = server.log_in("alice", "old");
    asks_roster(alice, "");
    old.sends("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
    EXPECT_THAT(old.gets(), Not(HasSubstr("ver=")));
    alice.sends(set_item("<item jid='bob@foo.com'/>"));
    EXPECT_THAT(old.gets(), AllOf(HasSubstr("bob@foo.com"), Not(HasSubstr("ver="))));
    EXPECT_THAT(alice.gets(), AllOf(HasSubstr("bob@foo.com"), HasSubstr("ver=")));
}

TEST(RosterVersion, SurvivesARestart)
{
    Server server;
    std::string version;
    {
        ConnectedClient alice = server.log_in("alice", "home");
        asks_roster(alice, "");
        for (const char *name : {"b", "a", "c"}) {
            alice.sends(set_item("<item jid='" + std::string{name} + "@there.net'><group>G</group></item>"));
            version = version_in(alice.gets());
            alice.gets();
        }
    }
    server.stop();
    server.restart();
    ConnectedClient alice = server.log_in("alice", "home");
    EXPECT_EQ(asks_roster(alice, version), is_current(alice));
}

// What a client has put together from pushes is what the server has, whatever has changed it.
TEST(RosterVersion, IsToldWithEveryChange)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), two = server.log_in("alice", "two"),
                    bob = server.log_in("bob", "work");
    alice.comes_online();
    bob.comes_online();
    std::string version = version_in(asks_roster(alice, ""));
    // All that alice gets, until nothing more comes; the version of the last push.
    const auto follow = [&] {
        server.status();
        alice.sends("<iq type='get' id='fence' to='foo.com'><ping xmlns='urn:xmpp:ping'/></iq>");
        std::string next;
        while ((next = alice.gets()).find("id='fence'") == std::string::npos && next != "(nothing)")
            if (next.find("jabber:iq:roster") != std::string::npos)
                version = version_in(next);
        EXPECT_EQ(asks_roster(two, version), is_current(two));
    };
    asks_roster(two, "");
    const auto drop = [&](ConnectedClient &client) {
        client.sends("<iq type='get' id='fence' to='foo.com'><ping xmlns='urn:xmpp:ping'/></iq>");
        for (std::string next; (next = client.gets()).find("id='fence'") == std::string::npos && next != "(nothing)";)
            continue;
    };
    using Step = std::pair<ConnectedClient *, std::string>;
    for (const auto &[client, stanza] : {Step{&alice, "<presence type='subscribe' to='bob@foo.com'/>"},
                                         Step{&bob, "<presence type='subscribed' to='alice@foo.com'/>"},
                                         Step{&bob, "<presence type='subscribe' to='alice@foo.com'/>"},
                                         Step{&alice, "<presence type='subscribed' to='bob@foo.com'/>"},
                                         Step{&alice, set_item("<item jid='bob@foo.com' name='Bob'/>")},
                                         Step{&bob, "<presence type='unsubscribe' to='alice@foo.com'/>"},
                                         Step{&bob, "<presence type='unsubscribed' to='alice@foo.com'/>"},
                                         Step{&alice, "<presence type='unsubscribed' to='bob@foo.com'/>"},
                                         Step{&alice, set_item("<item jid='bob@foo.com' subscription='remove'/>")}}) {
        client->sends(stanza);
        server.status();
        server.status();
        drop(two);
        follow();
    }
}

} // namespace
} // namespace jabberd::test
