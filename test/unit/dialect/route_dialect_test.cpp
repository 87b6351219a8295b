// SPDX-License-Identifier: LGPL-2.1-or-later
// <route/>, told with the packets that were recorded on a running jabberd 1.4.4 and 1.6 (ids and addresses are theirs).
#include "dialect/route_talk.h"

namespace jabberd::test {
namespace {

using Lines = Told::Lines;

class RouteDialect : public RouteTalk {};

TEST_F(RouteDialect, CarriesStanzasBothWays)
{
    log_in();
    EXPECT_EQ(told.component("<message to='bob@localhost' type='chat' sto='alice@localhost/home' "
                             "sfrom='12@c2s/1'><body>hello bob</body></message>"),
              Lines{"host <route to='alice@localhost/CFBE02B0' from='12@c2s/1'><message to='bob@localhost' "
                    "type='chat'><body>hello bob</body></message></route>"});
    EXPECT_EQ(told.host("<route from='alice@localhost/CFBE02B0' to='12@c2s/1'><message to='alice@localhost/home' "
                        "from='bob@localhost/work'><body>hello alice &lt;&amp;</body></message></route>"),
              Lines{"component <message to='alice@localhost/home' from='bob@localhost/work' sto='12@c2s/1' "
                    "sfrom='alice@localhost'><body>hello alice &lt;&amp;</body></message>"});
}

TEST_F(RouteDialect, TellsThatAClientHasGone)
{
    log_in();
    const std::string notice = "<message type='error' sto='alice@localhost/home' sfrom='12@c2s/1'><error "
                               "code='510'>Disconnected</error></message>";
    EXPECT_EQ(told.component(notice),
              Lines{"host <route type='error' to='alice@localhost/CFBE02B0' from='12@c2s/1'/>"});
}

TEST_F(RouteDialect, IsToldThatASessionHasEnded)
{
    log_in();
    EXPECT_EQ(told.host("<route type='error' error='Disconnected' from='alice@localhost/CFBE02B0' to='12@c2s/1'/>"),
              Lines{"component <message type='error' sto='12@c2s/1' sfrom='alice@localhost/home'><error "
                    "code='510'>Disconnected</error><end xmlns='jabber:socket-manager:end' condition='reset'>The "
                    "session manager has ended the session</end></message>"});
    EXPECT_EQ(told.component("<presence sto='alice@localhost/home' sfrom='12@c2s/1'/>"),
              Lines{"dropped presence from 12@c2s/1 to alice@localhost/home"})
        << "what the client said meanwhile";
    EXPECT_EQ(told.host("<route type='error' error='Disconnected' from='alice@localhost/CFBE02B0' to='12@c2s/1'/>"),
              Lines{})
        << "twice";
}

TEST_F(RouteDialect, AnErrorForAnotherSessionEndsNothing)
{
    log_in();
    EXPECT_EQ(told.host("<route type='error' error='Disconnected' from='alice@localhost/OLD' to='12@c2s/1'/>"),
              Lines{});
    EXPECT_EQ(told.component("<presence sto='alice@localhost/home' sfrom='12@c2s/1'/>").size(), 1u);
}

// The session manager redelivers it, or keeps it.
TEST_F(RouteDialect, ReturnsMessagesWrappedAndInTheirOldShape)
{
    log_in();
    EXPECT_EQ(
        told.component("<message to='alice@localhost/home' from='bob@localhost/work' type='error' "
                       "sto='alice@localhost/CFBE02B0' sfrom='12@c2s/1'><body>late</body><error code='510' "
                       "type='chat'>Disconnected</error></message>"),
        Lines{"host <route type='error' to='alice@localhost/CFBE02B0' from='12@c2s/1'><message "
              "to='alice@localhost/home' from='bob@localhost/work' type='chat'><body>late</body></message></route>"});
    EXPECT_EQ(told.component("<presence from='bob@localhost/work' type='error' sto='alice@localhost/CFBE02B0' "
                             "sfrom='12@c2s/1'><error code='510'>Disconnected</error></presence>"),
              Lines{"host <route type='error' to='alice@localhost/CFBE02B0' from='12@c2s/1'/>"})
        << "nobody keeps presence";
}

TEST_F(RouteDialect, LeavesItToTheSocketManagerToReturnWhatIsForNobody)
{
    EXPECT_EQ(told.host("<route from='alice@localhost/CFBE02B0' to='9@c2s/7'><presence/></route>"),
              Lines{"component <presence sto='9@c2s/7' sfrom='alice@localhost/CFBE02B0'/>"})
        << "which may be about to return others, and keeps their order";
    EXPECT_EQ(told.component("<presence type='error' sto='alice@localhost/CFBE02B0' sfrom='9@c2s/7'><error "
                             "code='510'>Disconnected</error></presence>"),
              Lines{"host <route type='error' to='alice@localhost/CFBE02B0' from='9@c2s/7'/>"});
}

TEST_F(RouteDialect, ReturnsWhatIsForAnotherSessionOfAConnection)
{
    log_in();
    EXPECT_EQ(told.host("<route from='alice@localhost/OLD' to='12@c2s/1'><message "
                        "to='alice@localhost'><body>lost?</body></message></route>"),
              Lines{"host <route type='error' to='alice@localhost/OLD' "
                    "from='12@c2s/1'><message to='alice@localhost'><body>lost?</body></message></route>"});
    EXPECT_EQ(told.sent_back_count, 1u);
    EXPECT_EQ(told.host("<route from='alice@localhost/OLD' to='12@c2s/1'><presence/></route>"),
              Lines{"host <route type='error' to='alice@localhost/OLD' from='12@c2s/1'/>"});
    EXPECT_EQ(told.host("<route type='error' error='Disconnected' from='alice@localhost/OLD' to='12@c2s/1'/>"),
              Lines{});
}

// jabberd 1.4.4 and 1.6.1.1 look for the address of a returned message without asking whether there is one.
TEST_F(RouteDialect, ReturnsNoMessageWithoutAnAddress)
{
    log_in();
    const Lines expected{
        "host <route type='error' to='alice@localhost/OLD' from='12@c2s/1'><message to='alice@localhost' "
        "from='localhost'><body>x</body></message></route>"};
    EXPECT_EQ(told.host("<route from='alice@localhost/OLD' to='12@c2s/1'><message from='localhost'><body>x</body>"
                        "</message></route>"),
              expected);
    EXPECT_EQ(told.component("<message from='localhost' type='error' sto='alice@localhost/OLD' sfrom='12@c2s/1'>"
                             "<body>x</body><error code='510'>Disconnected</error></message>"),
              expected);
}

// An error to an address without a resource would end all sessions of the user.
TEST_F(RouteDialect, NeverEndsMoreThanOneSession)
{
    log_in();
    EXPECT_EQ(told.host("<route from='alice@localhost' to='12@c2s/1'><message><body>x</body></message></route>"),
              Lines{"dropped message from alice@localhost to 12@c2s/1"});
    EXPECT_EQ(told.component("<iq type='error' id='n1' sto='alice@localhost' sfrom='13@c2s/1'><error code='510' "
                             "type='result'>Disconnected</error></iq>"),
              Lines{"dropped iq from 13@c2s/1 to alice@localhost"});
    EXPECT_EQ(told.component("<iq type='error' id='n1' sto='alice@localhost' sfrom='12@c2s/1'><error code='510' "
                             "type='result'>Disconnected</error></iq>"),
              Lines{"host <route type='error' to='alice@localhost/CFBE02B0' from='12@c2s/1'/>"})
        << "the one that the connection has";
    for (const char *nobodys : {"alice@localhost", "alice@localhost/", "localhost", "localhost/x"})
        EXPECT_EQ(told.host("<route type='session' to='13@c2s/1' from='" + std::string{nobodys} + "'/>"),
                  Lines{"dropped route from " + std::string{nobodys} + " to 13@c2s/1"});
}

// The session would end, and its client not know why.
TEST_F(RouteDialect, ASessionThatBeginsAgainGoesOn)
{
    log_in();
    EXPECT_EQ(told.host("<route type='session' to='12@c2s/1' from='alice@localhost/CFBE02B0'/>"),
              Lines{"dropped route from alice@localhost/CFBE02B0 to 12@c2s/1"});
    EXPECT_EQ(told.component("<presence sto='alice@localhost/home' sfrom='12@c2s/1'/>").at(0).substr(0, 11),
              "host <route");
}

TEST_F(RouteDialect, AnAnswerThatComesTwiceIsOne)
{
    const std::string answer =
        "<route from='alice@localhost/home' to='12@c2s/1' type='auth'><iq type='result' id='n1'/></route>";
    const Lines dropped{"dropped iq from alice@localhost/home to 12@c2s/1"};
    told.component(login("alice", "home", "localhost"));
    EXPECT_EQ(told.host(answer).size(), 1u);
    EXPECT_EQ(told.host(answer), dropped) << "the socket manager would take it for a login that names nobody";
    told.host("<route type='session' to='12@c2s/1' from='alice@localhost/CFBE02B0'/>");
    EXPECT_EQ(told.host(answer), dropped);
}

// Session packets mean nothing to this host: whoever can write to the address of a connection could write them, and
// say in them that he is the session manager.
TEST_F(RouteDialect, NobodyWritesToAClientWithAForgedPacketOfASession)
{
    log_in();
    for (const char *body : {"<body>psst</body>", "<error code='510'>Disconnected</error>"})
        EXPECT_EQ(told.host("<message to='12@c2s/1' from='eve@elsewhere' sto='12@c2s/1' sfrom='localhost'>" +
                            std::string{body} + "</message>"),
                  Lines{"component <message to='12@c2s/1' from='eve@elsewhere'>" + std::string{body} + "</message>"});
}

TEST_F(RouteDialect, NoEnvelopeIsInAnEnvelope)
{
    log_in();
    EXPECT_EQ(told.host("<route from='alice@localhost/CFBE02B0' to='12@c2s/1'><route type='error' to='12@c2s/1' "
                        "from='alice@localhost/CFBE02B0'/></route>"),
              Lines{"dropped route from alice@localhost/CFBE02B0 to 12@c2s/1"});
}

TEST_F(RouteDialect, SaysWhatItDoesNotHandOn)
{
    log_in();
    const std::string envelope = "<route from='alice@localhost/CFBE02B0' to='12@c2s/1'";
    EXPECT_EQ(told.host(envelope + "/>"), Lines{"dropped route from alice@localhost/CFBE02B0 to 12@c2s/1"});
    EXPECT_EQ(told.host("<route to='12@c2s/1'><message/></route>"), Lines{"dropped message from  to 12@c2s/1"});
    EXPECT_EQ(told.host(envelope + "><message/><iq/></route>"),
              (Lines{"dropped iq from alice@localhost/CFBE02B0 to 12@c2s/1",
                     "component <message sto='12@c2s/1' sfrom='alice@localhost'/>"}));
    EXPECT_EQ(told.host(envelope + " type='auth'><route/></route>"),
              Lines{"dropped route from alice@localhost/CFBE02B0 to 12@c2s/1"});
    EXPECT_EQ(told.host(envelope + " type='error' error='Invalid Session'><message to='bob@localhost'/></route>"),
              (Lines{"dropped message from alice@localhost/CFBE02B0 to 12@c2s/1",
                     "component <message type='error' sto='12@c2s/1' sfrom='alice@localhost/home'><error "
                     "code='510'>Disconnected</error><end xmlns='jabber:socket-manager:end' condition='reset'>The "
                     "session manager does not know this session any more</end></message>"}))
        << "and it ends the session";
}

// Prefixes are declared wherever their writer liked.
TEST_F(RouteDialect, KeepsTheNamespacesOfWhatItUnwraps)
{
    log_in();
    EXPECT_EQ(told.host("<route xmlns:a='urn:a' from='alice@localhost/CFBE02B0' to='12@c2s/1'><message "
                        "xmlns:b='urn:b'><a:x/><b:y c='1' b:d='2'><b:z/></b:y><e xmlns='urn:a'/></message></route>"),
              Lines{"component <message sto='12@c2s/1' sfrom='alice@localhost'><a:x xmlns:a='urn:a'/><b:y "
                    "xmlns:b='urn:b' c='1' b:d='2'><b:z/></b:y><e xmlns='urn:a'/></message>"});
}

// What has come of one login is nothing for another; and only what was asked can fail.
TEST_F(RouteDialect, AnErrorThatAnswersNothingEndsNoLogin)
{
    told.component(login("alice", "home", "localhost"));
    EXPECT_EQ(told.host("<route type='error' error='Disconnected' from='alice@localhost/OLD' to='12@c2s/1'/>"),
              Lines{});
    EXPECT_EQ(told.host("<route type='error' error='x' from='alice@localhost/OLD' to='12@c2s/1'><message/></route>"),
              Lines{"dropped message from alice@localhost/OLD to 12@c2s/1"});
    EXPECT_EQ(told.host("<route type='error' error='x' from='a@b' to='12@c2s/1'><iq type='get' id='n0'/></route>"),
              Lines{"component <iq id='n0' type='error' sto='12@c2s/1' sfrom='b'><error code='503'>x</error></iq>"})
        << "another question of the same client";
    EXPECT_EQ(told.component("<message type='error' sto='eve@elsewhere/x' sfrom='12@c2s/1'><body/><error "
                             "code='510'>Disconnected</error></message>")
                  .size(),
              1u)
        << "what was returned to somebody else";
    told.host("<route from='alice@localhost/home' to='12@c2s/1' type='auth'><iq type='result' id='n1'/></route>");
    EXPECT_EQ(told.host("<route type='error' error='Session Failed' from='a@elsewhere/b' to='12@c2s/1'/>"), Lines{});
    EXPECT_EQ(told.host("<route type='session' to='12@c2s/1' from='alice@localhost/CFBE02B0'/>"),
              Lines{"component <iq id='n1' type='result' sto='12@c2s/1' sfrom='alice@localhost/home'/>"});
}

TEST_F(RouteDialect, AStanzaIsNoAnswerToALogin)
{
    told.component(login("alice", "home", "localhost"));
    EXPECT_EQ(
        told.host("<route from='eve@localhost/X' to='12@c2s/1'><message to='eve@localhost' id='n1' type='result'/>"
                  "</route>"),
        Lines{"host <route type='error' to='eve@localhost/X' from='12@c2s/1'><message to='eve@localhost' id='n1' "
              "type='result'/></route>"});
    EXPECT_EQ(told.host("<route from='eve@localhost/X' to='12@c2s/1'><iq id='n1' type='result'/></route>"),
              Lines{"host <route type='error' to='eve@localhost/X' from='12@c2s/1'/>"});
    EXPECT_EQ(told.host("<route from='alice@localhost/home' to='12@c2s/1' type='auth'><message type='result' id='n1'/>"
                        "</route>"),
              Lines{"component <message id='n1' type='result' sto='12@c2s/1' sfrom='localhost'/>"})
        << "and no session is asked for";
}

// Its client has gone without a word; and its session manager would keep the session for ever.
TEST_F(RouteDialect, ASessionThatNobodyHasEndedEndsWhenItsPlaceIsTaken)
{
    log_in();
    const Lines told_by_next =
        told.component("<iq id='n2' type='set' sto='localhost' sfrom='12@c2s/2'><query xmlns='jabber:iq:auth'>"
                       "<username>bob</username><resource>r</resource></query></iq>");
    ASSERT_EQ(told_by_next.size(), 2u);
    EXPECT_EQ(told_by_next[0], "host <route type='error' to='alice@localhost/CFBE02B0' from='12@c2s/1'/>");
}

TEST_F(RouteDialect, AClientThatLeavesDuringItsLoginLeavesNoSession)
{
    told.component(login("alice", "home", "localhost"));
    told.host("<route from='alice@localhost/home' to='12@c2s/1' type='auth'><iq type='result' id='n1'/></route>");
    told.host("<route type='session' to='12@c2s/1' from='alice@localhost/CFBE02B0'/>");
    EXPECT_EQ(told.component("<iq id='n1' type='error' sto='alice@localhost/home' sfrom='12@c2s/1'><error code='510' "
                             "type='result'>Disconnected</error></iq>"),
              Lines{"host <route type='error' to='alice@localhost/CFBE02B0' from='12@c2s/1'/>"});
}

TEST_F(RouteDialect, AFailedSessionIsAFailedLogin)
{
    told.component(login("nouser", "res", "localhost"));
    told.host("<route from='nouser@localhost/res' to='12@c2s/1' type='auth'><iq type='result' id='n1'/></route>");
    EXPECT_EQ(told.host("<route type='error' error='Session Failed' from='nouser@localhost/res' to='12@c2s/1'/>"),
              Lines{"component <iq id='n1' type='error' sto='12@c2s/1' sfrom='localhost'><error code='503'>Session "
                    "Failed</error></iq>"});
}

TEST_F(RouteDialect, AnEnvelopeThatComesBackUnopenedIsAnsweredForTheSessionManager)
{
    told.component(login("alice", "home", "elsewhere"));
    EXPECT_EQ(
        told.host("<route type='error' error='no such host' to='12@c2s/1' from='alice@elsewhere/home'><iq id='n1' "
                  "type='set'><query xmlns='jabber:iq:auth'/></iq></route>"),
        Lines{"component <message type='error' sto='12@c2s/1' sfrom='elsewhere'><error code='510'>Disconnected</error>"
              "<end xmlns='jabber:socket-manager:end' condition='host-unknown'>Nobody of that name is served "
              "here</end></message>"});
    EXPECT_EQ(told.logins, Lines{"12@c2s/1 alice@elsewhere/home refused 503"});
}

// What the client has sent to a session comes back with the reason; what has no reason is the session manager's wish.
TEST_F(RouteDialect, SaysWhyASessionHasEnded)
{
    const auto ends = [&](const std::string &error, const std::string &inside) {
        log_in();
        const Lines told_them = told.host("<route type='error' error=\"" + error +
                                          "\" from='alice@localhost/CFBE02B0' to='12@c2s/1'>" + inside + "</route>");
        const std::string words = " condition='";
        const auto at = told_them.back().find(words) + words.size();
        return told_them.back().substr(at, told_them.back().find('\'', at) - at);
    };
    const std::string stanza = "<presence/>";
    EXPECT_EQ(ends("Invalid Session", stanza), "reset");
    EXPECT_EQ(ends("Invalid User", stanza), "reset");
    for (const char *why :
         {"Component jsm is not connected to server", "External Server Error", "Internal Timeout",
          "Internal Delivery Error", "Unable to deliver, destination unknown", "Interner Zustellungsfehler", ""})
        EXPECT_EQ(ends(why, stanza), "remote-connection-failed") << why;
    for (const char *why : {"Disconnected", "Getrennt", "JSM shutdown", ""})
        EXPECT_EQ(ends(why, ""), "reset") << why;
}

TEST_F(RouteDialect, ASessionThatEndsWhenANewerLoginHasItsNameIsReplaced)
{
    log_in();
    told.component("<iq id='n2' type='set' sto='localhost' sfrom='13@c2s/1'><query xmlns='jabber:iq:auth'>"
                   "<username>alice</username><resource>home</resource></query></iq>");
    told.host("<route from='alice@localhost/home' to='13@c2s/1' type='auth'><iq type='result' id='n2'/></route>");
    told.host("<route type='session' to='13@c2s/1' from='alice@localhost/NEW'/>");
    const std::string end = "<route type='error' error='Disconnected' ";
    EXPECT_NE(told.host(end + "from='alice@localhost/CFBE02B0' to='12@c2s/1'/>").at(0).find("condition='conflict'"),
              std::string::npos);
    EXPECT_NE(told.host(end + "from='alice@localhost/NEW' to='13@c2s/1'/>").at(0).find("condition='reset'"),
              std::string::npos);
}

// The socket manager knows it by the user's address, and returns what it has not written under that.
TEST_F(RouteDialect, ReturnsToTheAddressOfTheSessionWhatComesBackUnderItsUser)
{
    log_in();
    const std::string late = "<message to='alice@localhost/home' from='bob@localhost/work' type='error' "
                             "sto='alice@localhost' sfrom='12@c2s/1'><body>late</body><error code='510' "
                             "type='chat'>Disconnected</error></message>";
    const Lines expected{
        "host <route type='error' to='alice@localhost/CFBE02B0' from='12@c2s/1'><message to='alice@localhost/home' "
        "from='bob@localhost/work' type='chat'><body>late</body></message></route>"};
    EXPECT_EQ(told.component(late), expected);
    EXPECT_EQ(told.component(late), expected) << "the session has ended with the first";
    told.component("<iq id='n2' type='set' sto='localhost' sfrom='12@c2s/2'><query xmlns='jabber:iq:auth'>"
                   "<username>bob</username><resource>r</resource></query></iq>");
    EXPECT_EQ(told.component(late), expected) << "and another client logs in at its place";
}

TEST_F(RouteDialect, WhatIsNoEnvelopeIsLeftToTheSocketManagerWhichRefusesIt)
{
    EXPECT_EQ(told.host("<message to='12@c2s/1' from='eve@elsewhere'><body>psst</body></message>"),
              Lines{"component <message to='12@c2s/1' from='eve@elsewhere'><body>psst</body></message>"});
    EXPECT_EQ(told.host("<route type='session'/>"), Lines{"dropped route from  to "});
}

TEST(RouteDialectOf16, PutsStanzasIntoTheNamespaceOfTheServer)
{
    Told told{dialect::make_route_dialect("jabber:server"), "jabber:server"};
    told.component(
        "<iq id='n1' type='set' sto='localhost' sfrom='12@c2s/1'><query xmlns='jabber:iq:auth'><username>alice"
        "</username><resource>home</resource></query></iq>");
    EXPECT_EQ(
        told.host(
            "<route xmlns='jabber:server' from='alice@localhost/home' to='12@c2s/1' type='auth'><iq type='result' "
            "id='n1'/></route>"),
        Lines{"host <route xmlns='jabber:server' type='session' to='alice@localhost/home' from='12@c2s/1'/>"});
    EXPECT_EQ(told.host("<route xmlns='jabber:server' type='session' to='12@c2s/1' from='alice@localhost/5637'/>"),
              Lines{"component <iq id='n1' type='result' sto='12@c2s/1' sfrom='alice@localhost/home'/>"});
    EXPECT_EQ(told.component("<iq id='r' type='get' sto='alice@localhost/home' sfrom='12@c2s/1'><query "
                             "xmlns='jabber:iq:roster'/></iq>"),
              Lines{"host <route xmlns='jabber:server' to='alice@localhost/5637' from='12@c2s/1'><iq id='r' "
                    "type='get'><query xmlns='jabber:iq:roster'/></iq></route>"});
    EXPECT_EQ(
        told.host("<route xmlns='jabber:server' from='alice@localhost/5637' to='12@c2s/1'><message "
                  "from='localhost'><x xmlns='urn:x'><body xmlns='jabber:server'>in</body></x></message></route>"),
        Lines{"component <message from='localhost' sto='12@c2s/1' sfrom='alice@localhost'><x xmlns='urn:x'><body "
              "xmlns='jabber:client'>in</body></x></message>"});
}

} // namespace
} // namespace jabberd::test
