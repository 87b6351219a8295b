// SPDX-License-Identifier: LGPL-2.1-or-later
// Hosts with links between them, over TCP.
#include "member.h"

#include "link/carrier/nats_connection.h"

#include <gmock/gmock.h>

#include <memory>
#include <thread>

namespace {

using namespace jabberd::link::test;
using jabberd::link::NatsConnection;
using testing::AllOf;
using testing::AnyOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char secret[] = "a secret of the cluster";

std::string section(const std::string &name, std::uint16_t port, const std::map<std::string, std::uint16_t> &peers,
                    const std::string &more = "", const std::string &known_secret = secret)
{
    std::string text = "<name>" + name + "</name><tcp><listen port='" + std::to_string(port) +
                       "'>127.0.0.1</listen><secret>" + known_secret + "</secret>";
    for (const auto &[peer, there] : peers)
        text += "<peer name='" + peer + "' port='" + std::to_string(there) + "'>127.0.0.1</peer>";
    return text + "</tcp><patience absent='1' down='2' silent='3'/>" + more;
}

// A socket manager on the one side, a session manager on the other.
class TwoHosts : public testing::Test {
protected:
    explicit TwoHosts(const std::string &more = "")
        : front_section{section("front", ports[0], {{"back", ports[1]}}, more)}
        , back_section{section("back", ports[1], {{"front", ports[0]}}, more)}
    {
        EXPECT_TRUE(front.wait_for_claim("foo.com")) << front.log();
        EXPECT_TRUE(back.wait_for_claim("c2s")) << back.log();
    }

    const std::uint16_t ports[2] = {free_port(), free_port()};
    const std::string front_section, back_section;
    Member front{{"c2s"}, front_section}, back{{"foo.com"}, back_section};
};

// The login of ann: her connection is 7@c2s/1f, her session ann@foo.com/r.
void log_in(Member &front, Member &back)
{
    front.send("<iq type='set' id='1' sto='foo.com' sfrom='7@c2s/1f'><query xmlns='jabber:iq:auth'/></iq>");
    EXPECT_THAT(back.next(), HasSubstr("sto='foo.com' sfrom='7@c2s/1f'"));
    back.send("<iq type='result' id='1' sto='7@c2s/1f' sfrom='ann@foo.com/r'/>");
    EXPECT_THAT(front.next(), HasSubstr("sto='7@c2s/1f' sfrom='ann@foo.com/r'"));
}

TEST_F(TwoHosts, ClaimTheNamesOfEachOtherAndCarryPackets)
{
    log_in(front, back);
    EXPECT_THAT(front.status(), AllOf(HasSubstr("peer back: up for "), HasSubstr("sessions 1"), HasSubstr("names 1"),
                                      HasSubstr("TCP 127.0.0.1:")));
    EXPECT_THAT(back.status(), HasSubstr("peer front: up for "));
    EXPECT_EQ(front.lines_with("link to back is up"), 1u);
    EXPECT_EQ(front.send("<message to='x@nowhere.org'/>"), JABBERD_PASS);
}

TEST_F(TwoHosts, PacketsAreWhatTheyWere)
{
    const std::string stanza = "<message to='' from='a@foo.com/&lt;&amp;' type='chat' xml:lang='de' x:y='1' "
                               "xmlns:x='urn:x' sto='7@c2s/1f' sfrom='ann@foo.com/r'><body>h\xC3\xA4?</body></message>";
    back.send(stanza);
    const std::string came = front.next();
    for (const char *part : {"to=''", "type='chat'", "xml:lang='de'", "x:y='1'", "<body>h\xC3\xA4?</body>"})
        EXPECT_THAT(came, HasSubstr(part));
    EXPECT_THAT(came, Not(HasSubstr("id=")));
}

TEST_F(TwoHosts, WhenOneIsLostTheSessionsAreEndedAndItsNamesGivenUp)
{
    log_in(front, back);
    back.die();
    EXPECT_TRUE(front.wait_for_claim("foo.com", false)) << front.log();
    EXPECT_THAT(front.next(), AllOf(HasSubstr("sto='7@c2s/1f' sfrom='ann@foo.com/r'"), HasSubstr("code='510'"),
                                    HasSubstr("remote-connection-failed")));
    EXPECT_EQ(front.send("<message to='b@foo.com' sto='ann@foo.com/r' sfrom='7@c2s/1f'/>"), JABBERD_PASS);
    EXPECT_TRUE(front.wait_for_line("link to back given up: ")) << front.log();
    back.live();
    EXPECT_TRUE(front.wait_for_claim("foo.com")) << front.log();
    log_in(front, back);
}

TEST_F(TwoHosts, WhenTheSocketsAreLostTheSessionManagerIsToldOfEachSession)
{
    log_in(front, back);
    front.send("<iq type='get' id='2' sto='foo.com' sfrom='8@c2s/20'><query xmlns='jabber:iq:auth'/></iq>");
    EXPECT_THAT(back.next(), HasSubstr("8@c2s/20"));
    front.die();
    EXPECT_TRUE(back.wait_for_claim("c2s", false)) << back.log();
    EXPECT_TRUE(back.wait_for_line("1 sessions ended")) << back.log(); // of the login it knows nothing
    EXPECT_THAT(back.next(), AllOf(HasSubstr("sto='ann@foo.com/r' sfrom='7@c2s/1f'"),
                                   HasSubstr("<error code='510'>Disconnected</error>")));
}

TEST_F(TwoHosts, WhatWaitsForAPeerThatIsLostComesBackAndSaysSo)
{
    back.die();
    front.send("<message id='1' to='b@foo.com' from='a@x' sto='ann@foo.com/r' sfrom='7@c2s/1f'/>");
    front.send("<message id='2' to='b@foo.com' from='x@c2s'/>");
    front.send("<message type='error' id='3' to='b@foo.com' from='x@c2s'/>");
    EXPECT_THAT(front.next(), AllOf(HasSubstr("id='1'"), HasSubstr("sto='7@c2s/1f' sfrom='ann@foo.com/r'"),
                                    HasSubstr("Link To The Remote Server Lost")));
    EXPECT_THAT(front.next(), AllOf(HasSubstr("id='2'"), HasSubstr("remote-server-timeout")));
    EXPECT_TRUE(front.wait_for_line("1 errors and answers dropped")) << front.log();
}

TEST_F(TwoHosts, ARestartOfTheOtherIsNoticedAtOnce)
{
    log_in(front, back);
    back.die();
    back.live();
    EXPECT_THAT(front.next(), HasSubstr("remote-connection-failed"));
    EXPECT_TRUE(front.wait_for_claim("foo.com")) << front.log();
    log_in(front, back);
}

TEST_F(TwoHosts, NewNamesAreToldAndThoseOfOthersAreNotUsed)
{
    back.add_name("rooms.foo.com");
    EXPECT_TRUE(front.wait_for_claim("rooms.foo.com")) << front.log();
    front.add_name("mine.org");
    back.add_name("mine.org");
    EXPECT_TRUE(front.wait_for_line("back answers for mine.org, which another service here does, ignoring"))
        << front.log();
    log_in(front, back);
    EXPECT_EQ(front.lines_with("mine.org"), 1u);
}

TEST_F(TwoHosts, AMillionBytesGoThroughInOrderAndOnceAcrossSwapsOfBoth)
{
    constexpr int packets = 20'000;
    std::atomic<bool> failed{false};
    for (int i = 0; i < packets; ++i) {
        if (i % 4'000 == 1'999)
            front.swap();
        if (i % 4'000 == 3'999)
            back.swap();
        const std::string xml = "<message id='" + std::to_string(i) + "' to='b@foo.com' from='a@c2s'><body>" +
                                std::string(static_cast<std::size_t>(i % 300), 'x') + "</body></message>";
        failed = failed || front.send(xml) != JABBERD_DONE;
    }
    EXPECT_FALSE(failed);
    for (int i = 0; i < packets; ++i)
        ASSERT_THAT(back.next(), HasSubstr(" id='" + std::to_string(i) + "'"));
    EXPECT_EQ(front.lines_with("given up"), 0u) << front.log();
    EXPECT_EQ(back.lines_with("given up"), 0u) << back.log();
}

class SmallRing : public TwoHosts {
protected:
    SmallRing() : TwoHosts{"<window bytes='65536' stanzas='1024'/><ring bytes='2200000'/>"} {}
};

TEST_F(SmallRing, ADestinationThatIsFullMakesItsNameCongestedAtTheOtherEnd)
{
    back.set_full(true);
    const std::string body(1'000, 'x');
    std::size_t sent = 0;
    const std::string xml = "<message to='b@foo.com' from='a@c2s'><body>" + body + "</body></message>";
    while (sent < 5'000 && front.lines_with("congested") == 0 && front.send(xml) == JABBERD_DONE)
        ++sent;
    EXPECT_TRUE(front.wait_for_congestion("foo.com")) << front.status();
    back.resume("foo.com");
    EXPECT_TRUE(front.wait_for_congestion("foo.com", false)) << front.status();
    for (std::size_t i = 0; i < sent; ++i)
        ASSERT_THAT(back.next(), HasSubstr("<body>x"));
}

TEST_F(SmallRing, WhoDoesNotWaitIsRefusedInTheEnd)
{
    back.set_full(true);
    const std::string xml =
        "<message to='b@foo.com' from='a@c2s'><body>" + std::string(20'000, 'x') + "</body></message>";
    jabberd_result result = JABBERD_DONE;
    for (int i = 0; i < 2'000 && result == JABBERD_DONE; ++i)
        result = front.send(xml);
    EXPECT_EQ(result, JABBERD_ERROR);
    back.resume("foo.com");
    EXPECT_TRUE(front.wait_for_congestion("foo.com", false)) << front.status();
    EXPECT_EQ(front.send(xml), JABBERD_DONE);
}

TEST(ThreeHosts, SpreadLoginsOverThoseWhoAnswerForOneDomainAndKeepSessionsWhereTheyAre)
{
    const std::uint16_t ports[] = {free_port(), free_port(), free_port()};
    Member front{{"c2s"}, section("front", ports[0], {{"one", ports[1]}, {"two", ports[2]}})};
    Member one{{"foo.com", "one.foo.com"}, section("one", ports[1], {{"front", ports[0]}})};
    Member two{{"foo.com", "two.foo.com"}, section("two", ports[2], {{"front", ports[0]}})};
    EXPECT_TRUE(front.wait_for_claim("one.foo.com") && front.wait_for_claim("two.foo.com")) << front.log();
    EXPECT_TRUE(one.wait_for_claim("c2s") && two.wait_for_claim("c2s"));
    constexpr int logins = 64;
    for (int i = 0; i < logins; ++i) {
        for (int step = 0; step < 3; ++step)
            front.send("<iq id='" + std::to_string(step) + "' sto='foo.com' sfrom='" + std::to_string(i) +
                       "@c2s/1f'/>");
    }
    ASSERT_TRUE(front.wait_for([&] { return one.arrived() + two.arrived() == 3 * logins; }));
    EXPECT_GT(one.arrived(), 3u * logins / 5);
    EXPECT_GT(two.arrived(), 3u * logins / 5);
    std::map<std::string, std::set<int>> where;
    for (const int which : {1, 2}) {
        Member &member = which == 1 ? one : two;
        for (std::size_t n = member.arrived(); n != 0; --n) {
            const std::string packet = member.next();
            where[packet.substr(packet.find("sfrom="))].insert(which);
        }
    }
    for (const auto &[sender, places] : where)
        EXPECT_EQ(places.size(), 1u) << sender;
    // The domain goes on with the one that is left.
    one.die();
    EXPECT_TRUE(front.wait_for_claim("one.foo.com", false)) << front.log();
    EXPECT_TRUE(front.wait_for_claim("foo.com"));
    const std::size_t before = two.arrived();
    front.send("<iq sto='foo.com' sfrom='100@c2s/1f'/>");
    EXPECT_TRUE(front.wait_for([&] { return two.arrived() == before + 1; }));
}

TEST(LinkSecrets, ThatDifferAreOneLineOnEachSide)
{
    const std::uint16_t ports[] = {free_port(), free_port()};
    Member front{{"c2s"}, section("front", ports[0], {{"back", ports[1]}}, "", "the secret of the one side")};
    Member back{{"foo.com"}, section("back", ports[1], {{"front", ports[0]}}, "", "the secret of the other one")};
    EXPECT_TRUE(front.wait_for_line("link to back at 127.0.0.1:" + std::to_string(ports[1]) +
                                    " refused: it says that our <secret> is wrong; next try in 1 s or so"))
        << front.log();
    EXPECT_TRUE(back.wait_for_line("refused: it calls itself 'front', and its <secret> is not ours")) << back.log();
    EXPECT_THAT(front.log() + back.log(), Not(HasSubstr("of the one side")));
}

TEST(LinkNames, ThatDifferFromTheConfiguredOnesAreRefused)
{
    const std::uint16_t ports[] = {free_port(), free_port()};
    Member front{{"c2s"}, section("front", ports[0], {{"back", ports[1]}})};
    Member back{{"foo.com"}, section("rear", ports[1], {{"front", ports[0]}})};
    EXPECT_TRUE(front.wait_for_line("the process there has another name")) << front.log();
    EXPECT_TRUE(back.wait_for_line("'front' and wants to reach 'back', but this is 'rear'")) << back.log();
    EXPECT_TRUE(front.wait_for_line("it calls itself 'rear', and there is no <peer> of that name")) << front.log();
}

TEST(LinkConfiguration, MistakesAreReportedWithTheirLine)
{
    const auto reports = [](const std::string &text) {
        Member member{{"c2s"}, text};
        EXPECT_FALSE(member.created());
        return member.reports();
    };
    EXPECT_THAT(reports(""), ElementsAre(HasSubstr("2: needs <tcp>")));
    EXPECT_THAT(reports("<tcp/>"),
                ElementsAre(HasSubstr("3: <tcp> needs <listen"), HasSubstr("3: <tcp> needs a <secret>")));
    const std::string rest = "<listen port='0'>127.0.0.1</listen><secret>a secret of the cluster</secret>";
    EXPECT_THAT(reports("<tcp>" + rest + "\n<peer name='x'>foo.com</peer></tcp>"),
                ElementsAre(HasSubstr("4: <peer> needs an IP address in numbers, not 'foo.com'")));
    EXPECT_THAT(reports("<tcp>" + rest + "</tcp>\n<patience silent='1'/>"),
                ElementsAre(HasSubstr("4: <patience silent>")));
    EXPECT_THAT(reports("<tcp>" + rest + "</tcp>\n<ring bytes='1048576'/>"), ElementsAre(HasSubstr("<ring bytes>")));
    EXPECT_THAT(reports("<tcp>" + rest + "</tcp>\n<names/>"), ElementsAre(HasSubstr("4: <names> needs a <name>")));
    EXPECT_THAT(reports("<name>x</name><tcp>" + rest + "\n<peer name='x'>127.0.0.1</peer></tcp>"),
                ElementsAre(HasSubstr("2: there is a <peer> called 'x', as this process is")));
    EXPECT_THAT(reports("<tcp>" + rest + "<tls><certificate file='none.pem'/><authority file='none.pem'/></tls></tcp>"),
                ElementsAre(HasSubstr("cannot use none.pem as a certificate")));
    EXPECT_THAT(reports("<tcp>" + rest + "</tcp>\n<nats><server>nats://127.0.0.1</server></nats>"),
                Contains(AnyOf(HasSubstr("needs one of <tcp> and <nats>"), HasSubstr("without libnats"))));
}

TEST(LinkConfiguration, MistakesOfABrokerAreReportedWithTheirLine)
{
    const auto reports = [](const std::string &text) {
        Member member{{"c2s"}, "<nats>\n" + text + "</nats>"};
        EXPECT_FALSE(member.created());
        return member.reports();
    };
    if (!NatsConnection::available()) {
        EXPECT_THAT(reports("<server>nats://127.0.0.1:4222</server>"),
                    ElementsAre(HasSubstr("3: this link.so was built without libnats")));
        return;
    }
    const std::string server = "<server>nats://127.0.0.1:4222</server>\n";
    EXPECT_THAT(reports(""), ElementsAre(HasSubstr("3: <nats> needs <server>")));
    EXPECT_THAT(reports(server + "<server>127.0.0.1</server>"), ElementsAre(HasSubstr("5: <server> needs nats://")));
    EXPECT_THAT(reports("<server>nats://me:secret@127.0.0.1</server>"),
                Contains(HasSubstr("a password go into <user> and <password>")));
    EXPECT_THAT(reports(server + "<subject>a.*</subject>"), ElementsAre(HasSubstr("5: <subject> needs letters")));
    EXPECT_THAT(reports(server + "<user>link</user>"), ElementsAre(HasSubstr("3: <nats> needs both or none")));
    EXPECT_THAT(reports(server + "<credentials file='none.creds'/>"), ElementsAre(HasSubstr("5: cannot read ")));
}

} // namespace
