// SPDX-License-Identifier: LGPL-2.1-or-later
// The simple session manager answers what recorded connections said as the real ones did. The test is their component.
#include "classic_fixture.h"

#include <gmock/gmock.h>

namespace jabberd::test {
namespace {

using Flavour = ClassicHost::Flavour;

// sha1("6B02BAB8secret")
constexpr const char *digest = "0f265a4a49f6a543183026677f58256c267c8f7e";

class ClassicRoutes : public testing::TestWithParam<Flavour> {
protected:
    void log_in(const std::string &client, const std::string &jid, const std::string &hole)
    {
        play.say("<route type='session' to='" + jid + "' from='" + client + "'/>");
        play.expect("<route type='session' to='" + client + "' from='" + hole + "'/>");
    }
    void alice_and_bob()
    {
        log_in("12@c2s/A", "alice@localhost/home", "{alice}");
        log_in("13@c2s/B", "bob@localhost/work", "{bob}");
    }

    ClassicHost host{{.flavour = GetParam()}};
    Play play{GetParam(), host.sockets()};
};
INSTANTIATE_TEST_SUITE_P(Every, ClassicRoutes,
                         testing::Values(Flavour::Jabberd14, Flavour::Jabberd16, Flavour::Jabberd16Of2019),
                         testing::PrintToStringParamName());

TEST_P(ClassicRoutes, RegistersWhoAsks)
{
    play.say("<route type='auth' to='localhost' from='12@c2s/A'><iq type='get' id='rg0'><query "
             "xmlns='jabber:iq:register'/></iq></route>");
    play.expect("<route from='localhost' to='12@c2s/A' type='auth'><iq type='result' id='rg0'><query "
                "xmlns='jabber:iq:register'>{*}</query></iq></route>");
    play.say("<route type='auth' to='alice@localhost' from='12@c2s/A'><iq type='set' id='rg1'><query "
             "xmlns='jabber:iq:register'><username>alice</username><password>secret</password></query></iq></route>");
    play.expect("<route from='alice@localhost' to='12@c2s/A' type='auth'><iq type='result' id='rg1'/></route>");
}

TEST_P(ClassicRoutes, LogsInWithAPasswordOrADigest)
{
    play.say("<route type='auth' to='alice@localhost' from='12@c2s/A'><iq type='get' id='au0'><query "
             "xmlns='jabber:iq:auth'><username>alice</username></query></iq></route>");
    play.expect(
        "<route from='alice@localhost' to='12@c2s/A' type='auth'><iq type='result' id='au0'><query "
        "xmlns='jabber:iq:auth'><username>alice</username><password/><digest/><resource/></query></iq></route>");
    play.say("<route type='auth' to='alice@localhost/home' from='12@c2s/A'><iq type='set' id='au1'><query "
             "xmlns='jabber:iq:auth'><username>alice</username><resource>home</resource><password>secret</password>"
             "</query></iq></route>");
    play.expect("<route from='alice@localhost/home' to='12@c2s/A' type='auth'><iq type='result' id='au1'/></route>");
    play.say("<route type='auth' to='bob@localhost/work' from='13@c2s/B'><iq type='set' id='au1'><query "
             "xmlns='jabber:iq:auth'><username>bob</username><resource>work</resource><digest sid='6B02BAB8'>" +
             std::string{digest} + "</digest></query></iq></route>");
    play.expect("<route from='bob@localhost/work' to='13@c2s/B' type='auth'><iq type='result' id='au1'/></route>");
}

TEST_P(ClassicRoutes, RefusesAWrongPassword)
{
    const std::string query = "<query xmlns='jabber:iq:auth'><username>alice</username><resource>x</resource>"
                              "<password>bad</password></query>";
    play.say("<route type='auth' to='alice@localhost/x' from='14@c2s/C'><iq type='set' id='au1'>" + query +
             "</iq></route>");
    play.expect("<route from='alice@localhost/x' to='14@c2s/C' type='auth'><iq type='error' id='au1'>" + query +
                "<error code='401' type='auth'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text "
                "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Unauthorized</text></error></iq></route>");
}

TEST_P(ClassicRoutes, StartsNoSessionForNobody)
{
    play.say("<route type='session' to='nobody@localhost/res' from='9@c2s/ghi'/>");
    play.expect("<route type='error' error='Session Failed' from='nobody@localhost/res' to='9@c2s/ghi'/>");
}

TEST_P(ClassicRoutes, AnswersARosterAndRefusesOtherQuestions)
{
    alice_and_bob();
    play.say(
        "<route to='{alice}' from='12@c2s/A'><iq type='get' id='ro1'><query xmlns='jabber:iq:roster'/></iq></route>");
    play.expect("<route from='{alice}' to='12@c2s/A'><iq type='result' id='ro1' from='alice@localhost/home'><query "
                "xmlns='jabber:iq:roster'/></iq></route>");
    play.say("<route to='{alice}' from='12@c2s/A'><iq type='get' id='2'><query xmlns='urn:other'/></iq></route>");
    play.expect("<route from='{alice}' to='12@c2s/A'><iq type='error' id='2' to='alice@localhost/home'><query "
                "xmlns='urn:other'/><error code='503' type='cancel'>{*}</error></iq></route>");
    play.say("<route to='{alice}' from='12@c2s/A'><iq type='get' id='3' to='bob@localhost/work'><query "
             "xmlns='urn:other'/></iq></route>");
    play.expect("<route from='{bob}' to='13@c2s/B'><iq type='get' id='3' to='bob@localhost/work' "
                "from='alice@localhost/home'><query xmlns='urn:other'/></iq></route>");
}

TEST_P(ClassicRoutes, KeepsARosterAndTellsTheSessionsOfItsUser)
{
    alice_and_bob();
    log_in("14@c2s/C", "alice@localhost/work", "{other}");
    play.say("<route to='{alice}' from='12@c2s/A'><iq type='set' id='1'><query xmlns='jabber:iq:roster'><item "
             "jid='bob@localhost' name='Bob'><group>friends</group></item></query></iq></route>");
    const std::string bob = "<item jid='bob@localhost' name='Bob' subscription='none'><group>friends</group></item>";
    const std::string push = "<iq type='set'><query xmlns='jabber:iq:roster'>" + bob + "</query></iq>";
    play.expect("<route from='{alice}' to='12@c2s/A'>" + push + "</route>");
    play.expect("<route from='{other}' to='14@c2s/C'>" + push + "</route>");
    play.expect("<route from='{alice}' to='12@c2s/A'><iq type='result' id='1' from='alice@localhost/home'/></route>");
    play.say(
        "<route to='{alice}' from='12@c2s/A'><iq type='get' id='2'><query xmlns='jabber:iq:roster'/></iq></route>");
    play.expect("<route from='{alice}' to='12@c2s/A'><iq type='result' id='2' from='alice@localhost/home'><query "
                "xmlns='jabber:iq:roster'>" +
                bob + "</query></iq></route>");
}

TEST_P(ClassicRoutes, AnswersWhatItsModulesKnow)
{
    alice_and_bob();
    play.say("<route to='{alice}' from='12@c2s/A'><iq type='get' id='1'><vCard xmlns='vcard-temp'/></iq></route>");
    play.expect("<route from='{alice}' to='12@c2s/A'><iq type='result' id='1' from='alice@localhost/home'><vCard "
                "xmlns='vcard-temp'/></iq></route>");
    play.say("<route to='{alice}' from='12@c2s/A'><iq type='get' id='2' to='bob@localhost'><vCard "
             "xmlns='vcard-temp'/></iq></route>");
    play.expect("<route from='{alice}' to='12@c2s/A'><iq type='result' id='2' from='bob@localhost' "
                "to='alice@localhost/home'/></route>");
    play.say("<route to='{alice}' from='12@c2s/A'><iq type='get' id='3' to='localhost'><query "
             "xmlns='http://jabber.org/protocol/disco#info'/></iq></route>");
    play.expect("<route from='{alice}' to='12@c2s/A'><iq type='result' id='3' from='localhost' "
                "to='alice@localhost/home'><query xmlns='http://jabber.org/protocol/disco#info'><identity "
                "category='services' type='jabber'/></query></iq></route>");
}

TEST_P(ClassicRoutes, GivesMessagesToSessionsFullOrBare)
{
    alice_and_bob();
    play.say("<route to='{alice}' from='12@c2s/A'><message to='bob@localhost/work' type='chat'><body>hello "
             "bob</body></message></route>");
    play.expect("<route from='{bob}' to='13@c2s/B'><message to='bob@localhost/work' type='chat' "
                "from='alice@localhost/home'><body>hello bob</body></message></route>");
    play.say("<route to='{bob}' from='13@c2s/B'><message to='alice@localhost' from='eve@localhost/x'><body>hello alice "
             "&lt;&amp;</body></message></route>");
    play.expect(
        "<route from='{alice}' to='12@c2s/A'><message to='alice@localhost' from='bob@localhost/work'><body>hello "
        "alice &lt;&amp;</body></message></route>");
}

TEST_P(ClassicRoutes, KeepsMessagesForWhoIsAway)
{
    log_in("12@c2s/A", "alice@localhost/home", "{alice}");
    play.say("<route to='{alice}' from='12@c2s/A'><message to='bob@localhost'><body>later</body></message></route>");
    log_in("12@c2s/A", "alice@localhost/again", "{*}"); // behind the message, as one client's packets are
    log_in("13@c2s/B", "bob@localhost/work", "{bob}");
    play.say("<route to='{bob}' from='13@c2s/B'><presence/></route>");
    play.expect(
        "<route from='{bob}' to='13@c2s/B'><message to='bob@localhost' from='alice@localhost/home'><body>later"
        "</body><x xmlns='jabber:x:delay' from='bob@localhost' stamp='{*}'>Offline Storage</x></message></route>");
}

TEST_P(ClassicRoutes, NewSessionWithTheSameResourceEndsTheOldOne)
{
    log_in("12@c2s/A", "alice@localhost/home", "{old}");
    log_in("14@c2s/C", "alice@localhost/home", "{new}");
    play.expect("<route type='error' error='Disconnected' from='{old}' to='12@c2s/A'/>");
    play.say("<route type='error' to='{old}' from='12@c2s/A'/>"); // harmless
    play.say(
        "<route to='{new}' from='14@c2s/C'><message to='alice@localhost'><body>still here</body></message></route>");
    play.expect("<route from='{new}' to='14@c2s/C'>{*}</route>");
}

TEST_P(ClassicRoutes, SessionThatHasEndedIsInvalid)
{
    log_in("12@c2s/A", "alice@localhost/home", "{alice}");
    play.say("<route type='error' to='{alice}' from='12@c2s/A'/>");
    play.say("<route to='{alice}' from='12@c2s/A'><presence/></route>");
    play.expect("<route type='error' error='Invalid Session' from='{alice}' to='12@c2s/A'><presence/></route>");
    play.say("<route to='nobody@localhost/1' from='12@c2s/A'><presence/></route>");
    play.expect("<route type='error' error='Invalid User' from='nobody@localhost/1' to='12@c2s/A'><presence/></route>");
}

TEST_P(ClassicRoutes, ReturnedMessageIsKeptOrGoesToAnotherSession)
{
    log_in("12@c2s/A", "alice@localhost/home", "{alice}");
    log_in("13@c2s/B", "alice@localhost/work", "{other}");
    const std::string message = "<message to='alice@localhost/work' from='bob@localhost/x'><body>keep me</body>";
    play.say("<route type='error' to='{other}' from='13@c2s/B'>" + message + "</message></route>");
    play.expect("<route from='{alice}' to='12@c2s/A'>" + message + "</message></route>");
    play.say("<route type='error' to='{alice}' from='12@c2s/A'>" + message + "</message></route>");
    log_in("12@c2s/A", "alice@localhost/third", "{third}");
    play.say("<route to='{third}' from='12@c2s/A'><presence/></route>");
    play.expect("<route from='{third}' to='12@c2s/A'>" + message +
                "<x xmlns='jabber:x:delay' from='alice@localhost' "
                "stamp='{*}'>Offline Storage</x></message></route>");
}

class ClassicSto : public testing::Test {
protected:
    void log_in(const std::string &client, const std::string &user, const std::string &resource)
    {
        play.say("<iq type='set' id='auth1' sfrom='" + client +
                 "' sto='localhost'><query xmlns='jabber:iq:auth'><username>" + user +
                 "</username><password>secret</password><resource>" + resource + "</resource></query></iq>");
        play.expect("<iq type='result' id='auth1' sfrom='" + user + "@localhost/" + resource + "' sto='" + client +
                    "'/>");
    }

    ClassicHost host{{.flavour = Flavour::Jabberd11}};
    Play play{Flavour::Jabberd11, host.sockets()};
};

TEST_F(ClassicSto, LogsInWithAPasswordOrADigestAndRegisters)
{
    log_in("7@c2s/A", "alice", "probe");
    play.say("<iq type='set' id='auth1' sfrom='8@c2s/B' sto='localhost'><query xmlns='jabber:iq:auth'><username>Bob"
             "</username><digest sid='6B02BAB8'>" +
             std::string{digest} + "</digest><resource>probe</resource></query></iq>");
    play.expect("<iq type='result' id='auth1' sfrom='bob@localhost/probe' sto='8@c2s/B'/>");
    play.say("<iq type='set' id='reg1' sfrom='9@c2s/C' sto='localhost'><query xmlns='jabber:iq:register'/></iq>");
    play.expect("<iq type='result' id='reg1' sfrom='localhost' sto='9@c2s/C'/>");
}

TEST_F(ClassicSto, RefusesWhatDoesNotLogIn)
{
    const std::string query = "<query xmlns='jabber:iq:auth'><username>alice</username><password>WRONG</password>"
                              "<resource>probe</resource></query>";
    play.say("<iq type='set' id='x1' sfrom='7@c2s/A' sto='localhost'>" + query + "</iq>");
    play.expect("<iq type='error' id='x1' sfrom='localhost' sto='7@c2s/A'>" + query +
                "<error code='401'>Unauthorized</error></iq>");
    play.say("<iq type='get' id='x2' sfrom='7@c2s/A' sto='localhost'><query xmlns='urn:other'/></iq>");
    play.expect("<iq type='error' id='x2' sfrom='localhost' sto='7@c2s/A'><query xmlns='urn:other'/>"
                "<error code='406'>Not Acceptable</error></iq>");
    play.say("<message to='bob@localhost' sfrom='7@c2s/A' sto='localhost'><body>x</body></message>");
    host.wait_for_output("Dropping message packet intended for session localhost");
}

TEST_F(ClassicSto, RosterAndMessages)
{
    log_in("7@c2s/A", "alice", "probe");
    log_in("8@c2s/B", "bob", "probe");
    play.say(
        "<iq type='get' id='r1' sfrom='7@c2s/A' sto='alice@localhost/probe'><query xmlns='jabber:iq:roster'/></iq>");
    play.expect("<iq type='result' id='r1' from='alice@localhost/probe' sto='7@c2s/A' sfrom='alice@localhost'><query "
                "xmlns='jabber:iq:roster'/></iq>");
    play.say(
        "<message to='bob@localhost' type='chat' sfrom='7@c2s/A' sto='alice@localhost/probe'><body>hello bob &amp; "
        "all</body></message>");
    play.expect("<message to='bob@localhost' type='chat' from='alice@localhost/probe' sto='8@c2s/B' "
                "sfrom='bob@localhost'><body>hello bob &amp; all</body></message>");
}

TEST_F(ClassicSto, NewSessionWithTheSameResourceEndsTheOldOne)
{
    log_in("7@c2s/A", "alice", "same");
    log_in("8@c2s/B", "alice", "same");
    play.expect(
        "<message type='error' sto='7@c2s/A' sfrom='alice@localhost/same'><error code='510'>Disconnected</error>"
        "</message>");
}

// Whoever answers a 510 ends the session that took its place: a fault of the real one, and a trap for the component.
TEST_F(ClassicSto, CloseIsEchoedToWhoeverHasTheResource)
{
    log_in("7@c2s/A", "alice", "probe");
    play.say("<message type='error' sto='alice@localhost/probe' sfrom='9@c2s/X'><error code='510'>Disconnected</error>"
             "</message>");
    play.expect(
        "<message type='error' sto='7@c2s/A' sfrom='alice@localhost/probe'><error code='510'>Disconnected</error>"
        "</message>");
    host.wait_for_output("dropping a bounced session packet to alice@localhost/probe");
    play.say("<message to='bob@localhost' sfrom='7@c2s/A' sto='alice@localhost/probe'/>");
    host.wait_for_output("Dropping message packet intended for session alice@localhost/probe");
}

TEST_F(ClassicSto, ReturnedMessageGoesToAnotherSessionWithItsTypeRestored)
{
    log_in("7@c2s/A", "alice", "probe");
    log_in("8@c2s/B", "alice", "other");
    play.say("<message to='alice@localhost/probe' from='bob@localhost/probe' type='error' sto='alice@localhost/probe' "
             "sfrom='7@c2s/A'><body>keep me</body><error code='510' type='chat'>Disconnected</error></message>");
    play.expect(
        "<message type='error' sto='7@c2s/A' sfrom='alice@localhost/probe'><error code='510'>Disconnected</error>"
        "</message>");
    play.expect("<message to='alice@localhost/probe' from='bob@localhost/probe' type='chat' sto='8@c2s/B' "
                "sfrom='alice@localhost'><body>keep me</body></message>");
}

TEST_F(ClassicSto, ReturnedMessageIsStoredAndDeliveredLater)
{
    log_in("7@c2s/A", "alice", "probe");
    play.say("<message to='alice@localhost' from='bob@localhost/probe' type='error' sto='alice@localhost/probe' "
             "sfrom='7@c2s/A'><body>keep me</body><error code='510'>Disconnected</error></message>");
    play.expect("<message type='error' sto='7@c2s/A' sfrom='alice@localhost/probe'>{*}</message>");
    log_in("7@c2s/A", "alice", "later");
    play.say("<presence sfrom='7@c2s/A' sto='alice@localhost/later'/>");
    play.expect(
        "<message to='alice@localhost' from='bob@localhost/probe' sto='7@c2s/A' sfrom='alice@localhost'><body>keep "
        "me</body><x xmlns='jabber:x:delay' from='alice@localhost' stamp='{*}'>Offline Storage</x></message>");
}

} // namespace
} // namespace jabberd::test
