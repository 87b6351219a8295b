// SPDX-License-Identifier: LGPL-2.1-or-later
// Logins through <route/>, told with the packets that were recorded on a running jabberd 1.4.4.
#include "dialect/route_talk.h"

namespace jabberd::test {
namespace {

using Lines = Told::Lines;

class RouteLogin : public RouteTalk {};

TEST_F(RouteLogin, PutsALoginIntoAnEnvelopeForItsAddress)
{
    EXPECT_EQ(told.component(login("alice", "home", "localhost")),
              Lines{"host <route type='auth' to='alice@localhost/home' from='12@c2s/1'><iq id='n1' type='set'><query "
                    "xmlns='jabber:iq:auth'><username>alice</username><resource>home</resource><password>pw1</password>"
                    "</query></iq></route>"});
}

TEST_F(RouteLogin, AsksForASessionBeforeTheClientIsToldThatItIsLoggedIn)
{
    told.component(login("alice", "home", "localhost"));
    EXPECT_EQ(
        told.host("<route from='alice@localhost/home' to='12@c2s/1' type='auth'><iq type='result' id='n1'/></route>"),
        Lines{"host <route type='session' to='alice@localhost/home' from='12@c2s/1'/>"});
    EXPECT_EQ(told.host("<route type='session' to='12@c2s/1' from='alice@localhost/CFBE02B0'/>"),
              Lines{"component <iq id='n1' type='result' sto='12@c2s/1' sfrom='alice@localhost/home'/>"});
}

TEST_F(RouteLogin, TakesTheNameAsTheSessionManagerWritesIt)
{
    told.component(login("Alice", "home", "localhost"));
    told.host("<route from='alice@localhost/home' to='12@c2s/1' type='auth'><iq type='result' id='n1'/></route>");
    EXPECT_EQ(told.host("<route type='session' to='12@c2s/1' from='alice@localhost/CFBE02B0'/>"),
              Lines{"component <iq id='n1' type='result' sto='12@c2s/1' sfrom='alice@localhost/home'/>"});
}

TEST_F(RouteLogin, HandsARefusedLoginThrough)
{
    told.component(login("alice", "home", "localhost"));
    EXPECT_EQ(told.host("<route from='alice@localhost/home' to='12@c2s/1' type='auth'><iq type='error' id='n1'><error "
                        "code='401'>Unauthorized</error></iq></route>"),
              Lines{"component <iq id='n1' type='error' sto='12@c2s/1' sfrom='localhost'><error "
                    "code='401'>Unauthorized</error></iq>"});
    EXPECT_EQ(told.host("<route type='session' to='12@c2s/1' from='alice@localhost/CFBE02B0'/>"),
              Lines{"host <route type='error' to='alice@localhost/CFBE02B0' from='12@c2s/1'/>"})
        << "a session that nobody asked for";
}

// All four stock servers open a session for the answer to a question, when it has the id of the login that failed.
TEST_F(RouteLogin, OnlyTheAnswerToTheLoginItselfOpensASession)
{
    told.component(login("alice", "home", "localhost"));
    told.host("<route from='alice@localhost/home' to='12@c2s/1' type='auth'><iq type='error' id='n1'/></route>");
    told.component("<iq id='n2' type='get' sto='localhost' sfrom='12@c2s/1'><query xmlns='jabber:iq:auth'><username>"
                   "alice</username></query></iq>");
    EXPECT_EQ(told.host("<route from='alice@localhost' to='12@c2s/1' type='auth'><iq type='result' id='n1'/></route>"),
              Lines{"component <iq id='n1' type='result' sto='12@c2s/1' sfrom='localhost'/>"})
        << "which says nothing of a user, so it is no login";
}

TEST_F(RouteLogin, AddressesQuestionsAsTheStockSocketManagerDid)
{
    EXPECT_EQ(told.component(
                  "<iq id='n1' type='get' sto='localhost' sfrom='12@c2s/1'><query xmlns='jabber:iq:register'/></iq>"),
              Lines{"host <route type='auth' to='localhost' from='12@c2s/1'><iq id='n1' type='get'><query "
                    "xmlns='jabber:iq:register'/></iq></route>"});
    const Lines get =
        told.component("<iq id='n2' type='get' sto='localhost' sfrom='12@c2s/1'><query xmlns='jabber:iq:auth'>"
                       "<username>bob</username></query></iq>");
    ASSERT_EQ(get.size(), 1u);
    EXPECT_TRUE(get[0].starts_with("host <route type='auth' to='bob@localhost' from='12@c2s/1'><iq")) << get[0];
    const Lines set = told.component("<iq id='n3' type='set' sto='localhost' sfrom='12@c2s/1'><query "
                                     "xmlns='jabber:iq:register'><username>bob</username></query></iq>");
    ASSERT_EQ(set.size(), 1u);
    EXPECT_TRUE(set[0].starts_with("host <route type='auth' to='bob@localhost' from='12@c2s/1'><iq")) << set[0];
}

TEST_F(RouteLogin, RefusesNamesThatWouldBeMoreOfAnAddressThanAName)
{
    for (const char *name : {"", "admin@localhost/x", "a/b", "a b", "a&apos;b", "a&lt;b", "a:b", "a&#9;b"}) {
        const Lines answer = told.component(login(name, "home", "localhost"));
        ASSERT_EQ(answer.size(), 1u) << name;
        EXPECT_TRUE(answer[0].starts_with("component <iq id='n1' type='error' sto='12@c2s/1' sfrom='localhost'>"))
            << answer[0];
        EXPECT_NE(answer[0].find("code='406'"), std::string::npos) << answer[0];
    }
    EXPECT_EQ(told.component(login("alice", "", "localhost")).at(0).substr(0, 9), "component") << "no resource";
    EXPECT_EQ(told.component(login(std::string(65, 'a'), "r", "localhost")).at(0).substr(0, 9), "component")
        << "1.4.3 would cut it";
}

TEST_F(RouteLogin, SaysAtOnceThatNothingButIqAuthIsKnown)
{
    const Lines answer = told.component("<iq id='n1' type='get' sto='localhost' sfrom='12@c2s/1'><query "
                                        "xmlns='jabber:iq:stream-features'/></iq>");
    ASSERT_EQ(answer.size(), 1u);
    EXPECT_TRUE(answer[0].starts_with("component <iq id='n1' type='error'")) << answer[0];
}

TEST_F(RouteLogin, TellsWhatCameOfALogin)
{
    told.component(login("Alice", "home", "localhost"));
    told.host("<route from='Alice@localhost/home' to='12@c2s/1' type='auth'><iq type='error' id='n1'><error "
              "code='401'>Unauthorized</error></iq></route>");
    log_in();
    EXPECT_EQ(told.logins,
              (Lines{"12@c2s/1 Alice@localhost/home refused 401", "12@c2s/1 alice@localhost/home accepted"}));
}

// The stock socket manager counts all of these, too.
TEST_F(RouteLogin, TellsOfLoginsThatGotNoFurtherThanAQuestion)
{
    told.host("<route from='nobody@localhost' to='12@c2s/1' type='auth'><iq type='error' id='n1'><error code='401'/>"
              "</iq></route>");
    told.component(login("alice", "", "localhost"));
    told.component(login("a/b", "home", "localhost"));
    told.component(login("nouser", "res", "localhost"));
    told.host("<route from='nouser@localhost/res' to='12@c2s/1' type='auth'><iq type='result' id='n1'/></route>");
    told.host("<route type='error' error='Session Failed' from='nouser@localhost/res' to='12@c2s/1'/>");
    EXPECT_EQ(told.logins, (Lines{"12@c2s/1 nobody@localhost refused 401", "12@c2s/1 alice@localhost/ refused 406",
                                  "12@c2s/1 localhost/home refused 406", "12@c2s/1 nouser@localhost/res refused 503"}));
}

TEST_F(RouteLogin, ALoginThatTheHostCannotAddressIsRefused)
{
    const std::string sent = told.component(login("alice", "a&#10;b", "localhost")).at(0).substr(5);
    EXPECT_EQ(told.came_back(sent), Lines{"component <iq id='n1' type='error' sto='12@c2s/1' sfrom='localhost'><error "
                                          "code='406'>Not Acceptable</error></iq>"});
    EXPECT_EQ(told.logins, Lines{"12@c2s/1 alice@localhost refused 406"});
    EXPECT_EQ(
        told.host("<route from='alice@localhost/home' to='12@c2s/1' type='auth'><iq type='result' id='n1'/></route>"),
        Lines{"component <iq id='n1' type='result' sto='12@c2s/1' sfrom='localhost'/>"})
        << "it is over";
    log_in();
    EXPECT_EQ(told.came_back(sent), Lines{}) << "who is logged in";
}

TEST_F(RouteLogin, AStanzaThatComesBackIsNoLogin)
{
    told.host(
        "<route type='error' error='Invalid Session' from='alice@localhost/CFBE02B0' to='12@c2s/1'><iq type='get' "
        "id='r'><query xmlns='jabber:iq:roster'/></iq></route>");
    EXPECT_EQ(told.logins, Lines{});
}

TEST_F(RouteLogin, AQuestionThatTheHostCannotAddressDoesNotHarmALogin)
{
    told.component(login("alice", "home", "localhost"));
    const std::string question =
        told.component("<iq id='n2' type='get' sto='localhost' sfrom='12@c2s/1'><query xmlns='jabber:iq:auth'>"
                       "<username>al&#xad;ice</username></query></iq>")
            .at(0)
            .substr(5);
    EXPECT_EQ(told.came_back(question).at(0).substr(0, 33), "component <iq id='n2' type='error");
    EXPECT_EQ(
        told.host("<route from='alice@localhost/home' to='12@c2s/1' type='auth'><iq type='result' id='n1'/></route>"),
        Lines{"host <route type='session' to='alice@localhost/home' from='12@c2s/1'/>"});
}

// It may be at somebody else's desk (<auth> in jsm's configuration).
TEST_F(RouteLogin, ALoginIsRefusedToWhomItWasForWhoeverAnswers)
{
    told.component(login("alice", "home", "localhost"));
    told.host("<route from='auth.localhost' to='12@c2s/1' type='auth'><iq type='error' id='n1'><error code='401'/>"
              "</iq></route>");
    EXPECT_EQ(told.logins, Lines{"12@c2s/1 alice@localhost/home refused 401"});
}

} // namespace
} // namespace jabberd::test
