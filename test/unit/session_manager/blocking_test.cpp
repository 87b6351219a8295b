// SPDX-License-Identifier: LGPL-2.1-or-later
// Blocking (XEP-0191): the list, how it is kept, and whom it covers.
#include "support/blocking.h"

#include "session_manager/blocking/blocklist.h"
#include "session_manager/storage/storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jabberd::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(Blocking, IsAdvertisedByTheServer)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    alice.sends("<iq type='get' id='d' to='foo.com'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
    const std::string info = alice.gets();
    const auto feature = info.find("<feature var='urn:xmpp:blocking'/>");
    ASSERT_NE(feature, std::string::npos);
    EXPECT_EQ(info.find("'urn:xmpp:blocking'", feature + 20), std::string::npos) << "once";
}

TEST(Blocking, ListHoldsWhatWasBlockedAndLosesWhatWasUnblocked)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    EXPECT_EQ(list_of(alice), list_with(alice, {}));
    alice.sends(blocking_set("block", {"Bob@FOO.com", "spam.net", "bob@foo.com"}));
    EXPECT_THAT(alice.gets(),
                HasSubstr("<block xmlns='urn:xmpp:blocking'>" + block_items({"bob@foo.com", "spam.net"}) + "</block>"));
    alice.gets();
    EXPECT_EQ(list_of(alice), list_with(alice, {"bob@foo.com", "spam.net"}));
    alice.sends(blocking_set("unblock", {"bob@foo.com"}));
    EXPECT_THAT(alice.gets(),
                HasSubstr("<unblock xmlns='urn:xmpp:blocking'>" + block_items({"bob@foo.com"}) + "</unblock>"));
    alice.gets();
    EXPECT_EQ(list_of(alice), list_with(alice, {"spam.net"}));
}

TEST(Blocking, IsPushedToTheSessionsThatAskedForTheList)
{
    Server server;
    ConnectedClient one = server.log_in("alice", "one"), two = server.log_in("alice", "two"),
                    three = server.log_in("alice", "three"), bob = server.log_in("bob", "home");
    list_of(two);
    list_of(bob);
    blocks(one, {"spam.net"});
    EXPECT_THAT(two.gets(), AllOf(HasSubstr("<iq "), HasSubstr("type='set'"), HasSubstr("to='alice@foo.com/two'"),
                                  HasSubstr("<block xmlns='urn:xmpp:blocking'><item jid='spam.net'/></block>")));
    one.sends(blocking_set("unblock", {}));
    EXPECT_THAT(one.gets(), HasSubstr("type='result'"));
    EXPECT_THAT(two.gets(), HasSubstr("<unblock xmlns='urn:xmpp:blocking'/>"));
    EXPECT_TRUE(one.is_quiet() && two.is_quiet() && three.is_quiet() && bob.is_quiet());
    EXPECT_EQ(list_of(one), list_with(one, {}));
}

TEST(Blocking, WhatChangesNothingIsNotPushed)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    blocks(alice, {"spam.net"});
    list_of(alice);
    blocks(alice, {"spam.net"});
    alice.sends(blocking_set("unblock", {"ham.net"}));
    EXPECT_THAT(alice.gets(), HasSubstr("type='result'"));
    EXPECT_TRUE(alice.is_quiet());
}

TEST(Blocking, RefusesWhatNamesNobodyAndTheAccountItself)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home"), bob = server.log_in("bob", "home");
    const auto answer = [&](const std::string &request) {
        alice.sends(request);
        return alice.gets();
    };
    EXPECT_THAT(answer(blocking_set("block", {})), HasSubstr("<bad-request"));
    EXPECT_THAT(answer(blocking_set("block", {"spam.net", "no space@spam.net"})), HasSubstr("<jid-malformed"));
    EXPECT_THAT(answer(blocking_set("unblock", {""})), HasSubstr("<jid-malformed"));
    EXPECT_THAT(answer(blocking_set("block", {"Alice@foo.com"})), HasSubstr("<not-allowed"));
    EXPECT_THAT(answer(blocking_set("block", {"alice@foo.com/other"})), HasSubstr("<not-allowed"));
    EXPECT_THAT(answer("<iq type='set' id='b' to='bob@foo.com'><block xmlns='urn:xmpp:blocking'><item "
                       "jid='carol@foo.com'/></block></iq>"),
                HasSubstr("<service-unavailable"));
    EXPECT_THAT(answer("<iq type='set' id='b' to='alice@foo.com'><block xmlns='urn:xmpp:blocking'><item "
                       "jid='spam.net'/></block></iq>"),
                HasSubstr("type='result'"));
    EXPECT_EQ(list_of(alice), list_with(alice, {"spam.net"}));
    EXPECT_EQ(list_of(bob), list_with(bob, {}));
}

struct CoverCase {
    const char *item, *address;
    bool is_covered;
};

TEST(Blocking, CoversByFullAddressBareAddressAndDomain)
{
    const CoverCase cases[] = {
        {"bob@a.net/x", "bob@a.net/x", true},
        {"bob@a.net/x", "bob@a.net", false},
        {"bob@a.net/x", "bob@a.net/y", false},
        {"bob@a.net", "bob@a.net", true},
        {"bob@a.net", "bob@a.net/x/y@z", true},
        {"bob@a.net", "bobby@a.net", false},
        {"bob@a.net", "a.net", false},
        {"a.net/x", "a.net/x", true},
        {"a.net/x", "a.net", false},
        {"a.net/x", "bob@a.net/x", false},
        {"a.net", "a.net", true},
        {"a.net", "a.net/x", true},
        {"a.net", "bob@a.net", true},
        {"a.net", "bob@a.net/x", true},
        {"a.net", "bob@b.a.net", false},
        {"a.net", "a.net@b.net/a.net", false},
    };
    for (const auto &[item, address, is_covered] : cases) {
        session_manager::Blocklist list;
        list.add(item);
        EXPECT_EQ(list.covers(address), is_covered) << item << " and " << address;
    }
}

TEST(Blocking, SurvivesARestart)
{
    Server server;
    {
        ConnectedClient alice = server.log_in("alice", "home");
        blocks(alice, {"bob@foo.com"});
    }
    server.stop();
    server.restart();
    ConnectedClient bob = server.log_in("bob", "work");
    bob.sends(hi_to("alice@foo.com"));
    EXPECT_THAT(bob.gets(), HasSubstr("<service-unavailable")) << "although alice has not come yet";
    ConnectedClient alice = server.log_in("alice", "home");
    EXPECT_EQ(list_of(alice), list_with(alice, {"bob@foo.com"}));
}

TEST(Blocking, WorksInADatabaseFromBefore)
{
    Server server;
    server.register_account("alice");
    server.stop();
    {
        session_manager::Storage storage{server.database().string()};
        storage.database.execute("DROP TABLE blocked; PRAGMA user_version=3");
    }
    server.restart();
    ConnectedClient alice = server.log_in("alice", "home");
    blocks(alice, {"spam.net"});
    EXPECT_EQ(list_of(alice), list_with(alice, {"spam.net"}));
}

TEST(Blocking, EndsWithTheAccount)
{
    Server server;
    ConnectedClient alice = server.log_in("alice", "home");
    blocks(alice, {"spam.net"});
    alice.sends("<iq type='set' id='r'><query xmlns='jabber:iq:register'><remove/></query></iq>");
    EXPECT_THAT(alice.gets(), HasSubstr("type='result'"));
    server.status();
    ConnectedClient other = server.log_in("alice", "home");
    EXPECT_EQ(list_of(other), list_with(other, {}));
    server.sends(hi_to("alice@foo.com/home", "x@spam.net/y"));
    EXPECT_THAT(other.gets(), HasSubstr("<body>hi</body>"));
}

TEST(Blocking, IsBoundedAndLosesNothingByThat)
{
    const std::string base = "<register>yes</register><registrations per-hour='0'/><iterations>4096</iterations>";
    Server server{base + "<blocked max='3' bytes='2000'/>"};
    ConnectedClient alice = server.log_in("alice", "home");
    const auto answer = [&](const std::string &request) {
        alice.sends(request);
        return alice.gets();
    };
    EXPECT_THAT(answer(blocking_set("block", {"a.net", "b.net"})), HasSubstr("type='result'"));
    EXPECT_THAT(answer(blocking_set("block", {"c.net", "d.net"})), HasSubstr("<resource-constraint"));
    EXPECT_THAT(answer(blocking_set("block", {"x@c.net/" + std::string(1000, 'x')})), HasSubstr("type='result'"));
    EXPECT_THAT(answer(blocking_set("unblock", {"a.net"})), HasSubstr("type='result'"));
    EXPECT_THAT(answer(blocking_set("block", {"x@c.net/" + std::string(1000, 'y')})),
                HasSubstr("<resource-constraint"));
    EXPECT_THAT(answer(blocking_set("block", {"a.net"})), HasSubstr("type='result'"));
    EXPECT_THAT(server.status(), HasSubstr("refused: blocklist of an account=2 "));
    // What is there from before stays.
    server.stop();
    server.restart(base + "<blocked max='1'/>");
    ConnectedClient again = server.log_in("alice", "home");
    EXPECT_THAT(list_of(again), AllOf(HasSubstr("a.net"), HasSubstr("b.net"), HasSubstr("x@c.net")));
    again.sends(blocking_set("block", {"d.net"}));
    EXPECT_THAT(again.gets(), HasSubstr("<resource-constraint"));
    again.sends(blocking_set("unblock", {"a.net"}));
    EXPECT_THAT(again.gets(), HasSubstr("<unblock"));
}

// A list that is changed by two sessions at once is what both have made of it.
TEST(Blocking, ChangesFollowEachOther)
{
    Server server;
    ConnectedClient one = server.log_in("alice", "one"), two = server.log_in("alice", "two");
    constexpr int count = 20;
    for (int i = 0; i < count; ++i) {
        one.sends(blocking_set("block", {"one" + std::to_string(i) + ".net"}));
        two.sends(blocking_set("block", {"two" + std::to_string(i) + ".net"}));
    }
    one.sends(get_blocklist);
    for (int i = 0; i < count; ++i) {
        EXPECT_THAT(one.gets(), HasSubstr("type='result'"));
        EXPECT_THAT(two.gets(), HasSubstr("type='result'"));
    }
    const std::string list = one.gets();
    for (int i = 0; i < count; ++i)
        EXPECT_THAT(list,
                    AllOf(HasSubstr("'one" + std::to_string(i) + "."), HasSubstr("'two" + std::to_string(i) + ".")));
}

} // namespace
} // namespace jabberd::test
