// SPDX-License-Identifier: LGPL-2.1-or-later
// The component between a host and its peers.
#include "instance.h"

#include "base/unique_fd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace jabberd::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Names = std::set<std::string>;

const std::string accept = "<accept><ip>127.0.0.1</ip><port>0</port><secret>secret</secret>"
                           "<host>rooms.localhost</host><host>irc.localhost</host></accept>\n";
const std::string sessions = "<accept><ip>127.0.0.1</ip><port>0</port><secret>secret</secret>"
                             "<host>localhost</host><dialect>session</dialect></accept>\n";

class ComponentStream : public testing::Test {
protected:
    RoutesHost host;
};

TEST_F(ComponentStream, HasItsNameWhileItsPeerIsThere)
{
    Instance instance{host, accept};
    EXPECT_THAT(host.claimed(0), IsEmpty());
    {
        Peer rooms{instance.port()};
        EXPECT_EQ(rooms.next(), "<handshake/>");
        EXPECT_EQ(host.claimed(1), Names{"rooms.localhost"});
        Peer irc{instance.port(), "irc.localhost"};
        EXPECT_EQ(irc.next(), "<handshake/>");
        EXPECT_EQ(host.claimed(2), (Names{"irc.localhost", "rooms.localhost"}));
    }
    EXPECT_EQ(host.claimed(0), Names{});
}

TEST_F(ComponentStream, CarriesStanzasBothWays)
{
    Instance instance{host, accept};
    Peer rooms{instance.port()};
    EXPECT_EQ(rooms.next(), "<handshake/>");
    EXPECT_EQ(host.handle("<message to='a@rooms.localhost' from='b@localhost/r'><body>hi</body></message>"),
              JABBERD_DONE);
    EXPECT_EQ(rooms.next(), "<message from='b@localhost/r' to='a@rooms.localhost'><body>hi</body></message>");
    rooms.send("<message to='b@localhost' from='a@rooms.localhost'><body>yes</body></message>");
    EXPECT_EQ(host.next(), "<message to='b@localhost' from='a@rooms.localhost'><body>yes</body></message>");
    EXPECT_TRUE(instance.wait_for_status("stream rooms.localhost", "in 1, out 1, queued 0 bytes, returned 0"));
}

TEST_F(ComponentStream, FillsInTheNameOfThePeerThatSaysNothing)
{
    Instance instance{host, accept};
    Peer rooms{instance.port()};
    rooms.send("<presence to='b@localhost'/>");
    EXPECT_EQ(host.next(), "<presence to='b@localhost' from='rooms.localhost'/>");
}

TEST_F(ComponentStream, IsOfItsOwnNamesOnly)
{
    Instance instance{host, accept};
    Peer rooms{instance.port()};
    EXPECT_EQ(rooms.next(), "<handshake/>");
    rooms.send("<message to='b@localhost' from='admin@localhost'/><message to='b@localhost' from='rooms.localhost'/>");
    EXPECT_THAT(rooms.next(), HasSubstr("<invalid-from "));
    EXPECT_EQ(rooms.client().wait_for_ending(), Client::Ending::Closed);
    EXPECT_THAT(host.delivered(), IsEmpty());
}

TEST_F(ComponentStream, OfATrustedPeerIsOfAnyName)
{
    Instance instance{host, "<accept><ip>127.0.0.1</ip><port>0</port><secret>secret</secret>"
                            "<host>rooms.localhost</host><trusted>yes</trusted></accept>"};
    Peer rooms{instance.port()};
    rooms.send("<message to='b@localhost' from='a@elsewhere.org'/>");
    EXPECT_EQ(host.next(), "<message to='b@localhost' from='a@elsewhere.org'/>");
}

// mu-conference and slixmpp copy them from what they answer.
TEST_F(ComponentStream, WithoutSessionsHasNoSessionAttributesEitherWay)
{
    Instance instance{host, accept};
    Peer rooms{instance.port()};
    EXPECT_EQ(rooms.next(), "<handshake/>");
    EXPECT_EQ(host.handle("<message to='a@rooms.localhost' from='b@localhost/r' sfrom='b@localhost/r'/>"),
              JABBERD_DONE);
    EXPECT_EQ(rooms.next(), "<message from='b@localhost/r' to='a@rooms.localhost'/>");
    rooms.send("<message to='b@localhost' from='a@rooms.localhost' sto='7@c2s/1' sfrom='b@localhost/r'/>");
    EXPECT_EQ(host.next(), "<message to='b@localhost' from='a@rooms.localhost'/>");
    EXPECT_EQ(host.handle("<iq type='set' id='1' sto='rooms.localhost' sfrom='7@c2s/1'><query "
                          "xmlns='jabber:iq:auth'><password>pw</password></query></iq>"),
              JABBERD_ERROR)
        << "a login is no peer's business";
}

TEST_F(ComponentStream, TakesNothingButStanzas)
{
    for (const std::string element :
         {"<route to='7@c2s/1' from='a@rooms.localhost'/>", "<xdb to='localhost'/>",
          "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' from='rooms.localhost'/>", "<handshake/>"}) {
        RoutesHost other;
        Instance instance{other, accept};
        Peer rooms{instance.port()};
        EXPECT_EQ(rooms.next(), "<handshake/>");
        rooms.send(element);
        EXPECT_THAT(rooms.next(), HasSubstr("<unsupported-stanza-type ")) << element;
        EXPECT_THAT(other.delivered(), IsEmpty()) << element;
    }
}

TEST_F(ComponentStream, ReachesItsNeighbours)
{
    Instance instance{host, accept};
    Peer rooms{instance.port()}, irc{instance.port(), "irc.localhost"};
    EXPECT_EQ(irc.next(), "<handshake/>");
    EXPECT_EQ(rooms.next(), "<handshake/>");
    rooms.send("<message to='x@irc.localhost' from='rooms.localhost'/>");
    EXPECT_EQ(irc.next(), "<message from='rooms.localhost' to='x@irc.localhost'/>");
    EXPECT_THAT(host.delivered(), IsEmpty()) << "a host would not give it back";
}

// A component that lost its connection without a word of the network comes back: it must not wait for itself.
TEST_F(ComponentStream, IsReplacedByANewerOneOfItsName)
{
    Instance instance{host, accept};
    Peer first{instance.port()};
    EXPECT_EQ(first.next(), "<handshake/>");
    Peer second{instance.port()};
    EXPECT_EQ(second.next(), "<handshake/>");
    EXPECT_THAT(first.next(), HasSubstr("<conflict "));
    EXPECT_EQ(host.claimed(1), Names{"rooms.localhost"});
    EXPECT_EQ(host.handle("<message to='a@rooms.localhost' from='b@localhost/r'/>"), JABBERD_DONE);
    EXPECT_EQ(second.next(), "<message from='b@localhost/r' to='a@rooms.localhost'/>");
}

TEST_F(ComponentStream, CannotHaveTheNameOfAnotherService)
{
    host.taken = {"rooms.localhost"};
    Instance instance{host, accept};
    Peer rooms{instance.port()};
    EXPECT_THAT(rooms.next(), HasSubstr("<conflict "));
    EXPECT_TRUE(host.wait_for_log("another service answers for the name"));
}

TEST_F(ComponentStream, WithAWrongSecretIsToldSoAfterAPause)
{
    Instance instance{host, accept};
    Peer rooms{instance.port(), "rooms.localhost", "wrong"};
    EXPECT_TRUE(host.wait_for_log("the handshake of a component is wrong, and it is told so later PEER=127.0.0.1:"));
    EXPECT_TRUE(host.wait_for_log("PAUSE=1 s"));
    EXPECT_THAT(rooms.next(), HasSubstr("<not-authorized "));
    EXPECT_THAT(host.logs(), Not(Contains(HasSubstr("not let in")))) << "it has been said";
    Peer again{instance.port(), "rooms.localhost", "wrong"};
    EXPECT_TRUE(host.wait_for_log("PAUSE=2 s"));
    EXPECT_THAT(host.claimed(0), IsEmpty());
}

TEST_F(ComponentStream, ReturnsWhatWasNotWrittenInOrder)
{
    Instance instance{host, accept};
    Peer rooms{instance.port(), "rooms.localhost", "secret", 4096};
    EXPECT_EQ(rooms.next(), "<handshake/>");
    const std::string body = "<body>" + std::string(8000, 'x') + "</body>";
    int sent = 0;
    const auto send = [&] {
        return host.handle("<message id='" + std::to_string(sent) + "' to='a@rooms.localhost' from='b@localhost/r'>" +
                           body + "</message>");
    };
    while (host.congestion().empty() && sent < 10000) {
        ASSERT_EQ(send(), JABBERD_DONE);
        ++sent;
    }
    EXPECT_THAT(host.congestion(), ElementsAre("congested rooms.localhost"));
    rooms.client().reset();
    EXPECT_THAT(host.claimed(0), IsEmpty());
    const auto returned = host.delivered();
    ASSERT_GT(returned.size(), 100u) << "a megabyte";
    int expected = sent - static_cast<int>(returned.size());
    for (const std::string &packet : returned) {
        EXPECT_THAT(packet, testing::StartsWith("<message to='b@localhost/r' from='a@rooms.localhost' id='" +
                                                std::to_string(expected++) + "' type='error'>"));
        EXPECT_THAT(packet, HasSubstr("<service-unavailable "));
    }
    EXPECT_EQ(send(), JABBERD_PASS) << "and the host returns what comes later";
}

TEST_F(ComponentStream, IsReadNoFasterThanItsDestinationsTake)
{
    Instance instance{host, accept};
    Peer rooms{instance.port()};
    EXPECT_EQ(rooms.next(), "<handshake/>");
    host.delivery = JABBERD_FULL;
    rooms.send("<presence id='1' from='rooms.localhost' to='b@localhost'/>");
    EXPECT_THAT(host.next().value_or(""), HasSubstr("id='1'"));
    EXPECT_TRUE(instance.wait_for_status("stream rooms.localhost", "in 1,"));
    rooms.send("<presence id='2' from='rooms.localhost' to='b@localhost'/>");
    host.delivery = JABBERD_DELIVERED;
    instance.resume("elsewhere.org");
    EXPECT_TRUE(instance.wait_for_status("stream rooms.localhost", "in 1,"));
    instance.resume("LOCALHOST");
    EXPECT_THAT(host.next().value_or(""), HasSubstr("id='2'"));
}

TEST_F(ComponentStream, SaysWhichPeerATracedPacketIsOf)
{
    Instance instance{host, accept};
    Peer rooms{instance.port()};
    EXPECT_EQ(rooms.next(), "<handshake/>");
    const std::string packet = "<message to='a@rooms.localhost' from='b@localhost/r'/>";
    EXPECT_THAT(instance.peer_of(packet, false), testing::StartsWith("127.0.0.1:"));
    EXPECT_EQ(instance.peer_of("<message to='a@irc.localhost'/>", false), "") << "it is not there";
    EXPECT_EQ(instance.peer_of(packet, true), "") << "nothing is delivered on this thread";
    std::string while_delivering;
    host.on_deliver = [&] { while_delivering = instance.peer_of(packet, true); };
    rooms.send("<presence from='rooms.localhost' to='b@localhost'/>");
    EXPECT_TRUE(host.next());
    EXPECT_EQ(while_delivering, instance.peer_of(packet, false));
}

TEST_F(ComponentStream, SaysGoodbye)
{
    Instance instance{host, accept};
    Peer rooms{instance.port()};
    EXPECT_EQ(rooms.next(), "<handshake/>");
    EXPECT_EQ(host.handle("<message to='a@rooms.localhost' from='b@localhost/r'/>"), JABBERD_DONE);
    instance.stop();
    EXPECT_EQ(rooms.next(), "<message from='b@localhost/r' to='a@rooms.localhost'/>");
    EXPECT_THAT(rooms.next(), HasSubstr("<system-shutdown "));
    EXPECT_EQ(host.handle("<message to='a@rooms.localhost' from='b@localhost/r'/>"), JABBERD_PASS);
}

// A jabberd 1.1 that has the sessions.
TEST_F(ComponentStream, OfSessionsTellsEachOfTheirEnd)
{
    Instance instance{host, sessions};
    Client jabberd{instance.port()};
    jabberd.send("<root>");
    const auto header = jabberd.receive();
    ASSERT_TRUE(header);
    jabberd.send("<handshake>" + component_stream::handshake_of(header->element.attributes.at("id"), "secret") +
                 "</handshake>");
    EXPECT_EQ(host.claimed(1), Names{"localhost"});
    EXPECT_EQ(host.handle("<iq id='a' type='set' sto='localhost' sfrom='7@c2s/1'/>"), JABBERD_DONE);
    ASSERT_TRUE(jabberd.receive()) << "<handshake/>";
    ASSERT_TRUE(jabberd.receive()) << "the question: no answer overtakes it";
    jabberd.send("<iq id='a' type='result' sto='7@c2s/1' sfrom='alice@localhost/home'/>");
    EXPECT_EQ(host.next(), "<iq id='a' type='result' sto='7@c2s/1' sfrom='alice@localhost/home'/>");
    jabberd.send("<message sto='8@c2s/1' sfrom='eve@elsewhere.org'/>");
    EXPECT_THAT(host.next().value_or(""),
                testing::AllOf(HasSubstr("type='error' sto='7@c2s/1' "), HasSubstr("sfrom='alice@localhost/home'"),
                               HasSubstr("<error code='510'>Disconnected</error>")));
    EXPECT_EQ(host.claimed(0), Names{});
    EXPECT_TRUE(host.wait_for_log("invalid-from")) << "it speaks for its own users only";
}

// A jabberd 1.4 that has the sessions, as recorded; a swap in the middle of a login and of a session.
TEST_F(ComponentStream, OfRoutesTranslatesSessionsAlsoOverSwaps)
{
    const std::string routes = "<accept><ip>127.0.0.1</ip><port>0</port><secret>secret</secret>"
                               "<host>localhost</host><dialect>route</dialect></accept>\n";
    auto instance = std::make_unique<Instance>(host, routes);
    const auto swap = [&] {
        auto next = std::make_unique<Instance>(host, routes, instance.get());
        ASSERT_TRUE(next->succeed(*instance));
        instance = std::move(next);
    };
    Peer jabberd{instance->port(), "c2s"};
    EXPECT_EQ(jabberd.next(), "<handshake/>");
    EXPECT_EQ(host.claimed(1), Names{"localhost"});
    EXPECT_EQ(host.handle("<iq id='a1' type='set' sto='localhost' sfrom='13@c2s/1'><query xmlns='jabber:iq:auth'>"
                          "<username>alice</username><password>pw</password><resource>home</resource></query></iq>"),
              JABBERD_DONE);
    EXPECT_THAT(jabberd.next(), HasSubstr("<route from='13@c2s/1' to='alice@localhost/home' type='auth'>"));
    swap();
    jabberd.send("<route from='alice@localhost/home' to='13@c2s/1' type='auth'><iq type='result' id='a1'/></route>");
    EXPECT_EQ(jabberd.next(), "<route from='13@c2s/1' to='alice@localhost/home' type='session'/>");
    swap();
    jabberd.send("<route type='session' to='13@c2s/1' from='alice@localhost/2F107DD0'/>");
    EXPECT_EQ(host.next(), "<iq id='a1' type='result' sto='13@c2s/1' sfrom='alice@localhost/home'/>");
    swap();
    EXPECT_EQ(host.handle("<presence sto='alice@localhost/home' sfrom='13@c2s/1'/>"), JABBERD_DONE);
    EXPECT_EQ(jabberd.next(), "<route from='13@c2s/1' to='alice@localhost/2F107DD0'><presence/></route>");
    jabberd.send("<route from='alice@localhost/2F107DD0' to='13@c2s/1'><message to='alice@localhost' "
                 "from='bob@localhost/home'><body>hi</body></message></route>");
    EXPECT_EQ(host.next(), "<message to='alice@localhost' from='bob@localhost/home' sto='13@c2s/1' "
                           "sfrom='alice@localhost'><body>hi</body></message>");
    jabberd.client().reset();
    EXPECT_THAT(host.next().value_or(""), testing::AllOf(HasSubstr("sto='13@c2s/1' sfrom='alice@localhost/home'"),
                                                         HasSubstr("<error code='510'>")));
}

TEST_F(ComponentStream, GoesToItsPeerAgainAndAgain)
{
    std::uint16_t port = 0;
    RoutesHost far{"far"};
    {
        Instance other{far, accept};
        port = other.port();
    }
    const std::string connect = "<connect><ip>127.0.0.1</ip><port>" + std::to_string(port) +
                                "</port><secret>secret</secret><host>localhost</host><to>rooms.localhost</to>"
                                "</connect>";
    Instance instance{host, connect};
    EXPECT_TRUE(host.wait_for_log("there is no component stream, and it is tried again REASON=Connection refused"));
    RoutesHost back{"far"};
    Instance other{back, std::string{accept}.replace(accept.find("<port>0"), 7, "<port>" + std::to_string(port))};
    EXPECT_EQ(host.claimed(1), Names{"localhost"});
    EXPECT_EQ(back.claimed(1), Names{"rooms.localhost"});
    EXPECT_EQ(host.handle("<message to='a@localhost' from='b@rooms.localhost'/>"), JABBERD_DONE);
    EXPECT_EQ(back.next(), "<message to='a@localhost' from='b@rooms.localhost'/>");
    EXPECT_EQ(back.handle("<message from='a@localhost' to='b@rooms.localhost'/>"), JABBERD_DONE);
    EXPECT_EQ(host.next(), "<message to='b@rooms.localhost' from='a@localhost'/>");
}

std::string connect_to(std::uint16_t port, const std::string &names)
{
    return "<connect><ip>127.0.0.1</ip><port>" + std::to_string(port) + "</port><secret>secret</secret>" + names +
           "</connect>";
}

// Prosody and ejabberd end the stream of a component for one stanza that is from another name.
TEST_F(ComponentStream, CarriesNothingThatIsNotFromWhoWeAreThere)
{
    RoutesHost far{"far"};
    Instance other{far, accept};
    Instance instance{host, connect_to(other.port(), "<host>localhost</host><to>rooms.localhost</to><to>b.c</to>")};
    EXPECT_EQ(host.claimed(1), Names{"localhost"});
    EXPECT_EQ(host.handle("<message to='a@localhost' from='x@elsewhere' id='1'/>"), JABBERD_DONE);
    EXPECT_THAT(host.next().value_or(""), testing::AllOf(HasSubstr("<message to='x@elsewhere' from='a@localhost'"),
                                                         HasSubstr("type='error'"), HasSubstr("id='1'")));
    EXPECT_TRUE(host.wait_for_log("it is not from who we are there"));
    EXPECT_TRUE(instance.wait_for_status("stream localhost", "in 0, out 0, queued 0 bytes, returned 1"));
    EXPECT_EQ(host.handle("<message to='a@localhost' from='x@ROOMS.localhost'/>"), JABBERD_DONE);
    EXPECT_EQ(far.next(), "<message to='a@localhost' from='x@ROOMS.localhost'/>");
    EXPECT_EQ(host.handle("<message to='a@localhost'/>"), JABBERD_DONE);
    EXPECT_EQ(far.next(), "<message to='a@localhost' from='rooms.localhost'/>");
}

// Two hosts with one configuration would take the name from each other again and again, and end all that crosses.
TEST_F(ComponentStream, LeavesItsNameToANewerOneForAMinute)
{
    RoutesHost far{"far"}, second{"second"};
    Instance other{far, accept};
    const std::string connect = connect_to(other.port(), "<host>localhost</host><to>rooms.localhost</to>");
    Instance instance{host, connect};
    EXPECT_EQ(host.claimed(1), Names{"localhost"});
    Instance newer{second, connect};
    EXPECT_EQ(second.claimed(1), Names{"localhost"});
    EXPECT_TRUE(host.wait_for_log("REASON=the peer says conflict: A newer stream has this name NEXT=60 s"));
    EXPECT_EQ(host.claimed(0), Names{});
    Instance next{host, connect, &instance};
    EXPECT_TRUE(next.succeed(instance));
    EXPECT_TRUE(next.wait_for_status("stream localhost", "none: A newer stream has this name")) << "also after a swap";
    EXPECT_EQ(second.claimed(1), Names{"localhost"});
}

// A server that keeps the stream of a host that is gone until it notices that.
class KeepsTheOlder {
public:
    KeepsTheOlder()
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr *>(&address), size), 0);
        EXPECT_EQ(::listen(listener_.get(), 1), 0);
        EXPECT_EQ(::getsockname(listener_.get(), reinterpret_cast<sockaddr *>(&address), &size), 0);
        port_ = ntohs(address.sin_port);
    }
    std::uint16_t port() const { return port_; }

    // Its next stream, which gets `answer` to its handshake.
    UniqueFd answer(std::string_view answer) const
    {
        UniqueFd fd{::accept(listener_.get(), nullptr, nullptr)};
        say(fd, "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' "
                "id='1'>");
        std::string heard;
        std::array<char, 1024> some{};
        for (ssize_t got = 1; got > 0 && heard.find("</handshake>") == std::string::npos;) {
            got = ::recv(fd.get(), some.data(), some.size(), 0);
            heard.append(some.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        }
        say(fd, answer);
        return fd;
    }

private:
    static void say(const UniqueFd &fd, std::string_view words)
    {
        EXPECT_EQ(::send(fd.get(), words.data(), words.size(), MSG_NOSIGNAL), static_cast<ssize_t>(words.size()));
    }

    const UniqueFd listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    std::uint16_t port_ = 0;
};

TEST_F(ComponentStream, WaitsSomeSecondsForAnOlderOneToGo)
{
    const KeepsTheOlder server;
    const std::string refusal = "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
                                "</stream:stream>";
    Instance instance{host, connect_to(server.port(), "<host>localhost</host><to>rooms.localhost</to>")};
    server.answer(refusal);
    server.answer(refusal);
    const UniqueFd taken = server.answer("<handshake/>");
    EXPECT_EQ(host.claimed(1), Names{"localhost"});
    const auto logs = host.logs();
    EXPECT_EQ(std::ranges::count_if(logs, [](const auto &line) { return line.find("conflict") != std::string::npos; }),
              1)
        << "it passes by itself, and is said once";
}

TEST_F(ComponentStream, WithAWrongSecretIsLoggedByBothEnds)
{
    RoutesHost far{"far"};
    Instance other{far, accept};
    Instance instance{host, "<connect><ip>127.0.0.1</ip><port>" + std::to_string(other.port()) +
                                "</port><secret>wrong</secret><host>localhost</host><to>rooms.localhost</to>"
                                "</connect>"};
    EXPECT_TRUE(far.wait_for_log("the handshake of a component is wrong"));
    EXPECT_TRUE(host.wait_for_log("REASON=the peer says not-authorized"));
}

TEST_F(ComponentStream, ChangesWithItsConfiguration)
{
    Instance instance{host, accept};
    Peer rooms{instance.port()};
    EXPECT_EQ(rooms.next(), "<handshake/>");
    EXPECT_TRUE(instance.reload(std::string{accept}.replace(accept.find("secret>secret"), 13, "secret>other")));
    EXPECT_THAT(rooms.next(), HasSubstr("<reset "));
    Peer again{instance.port(), "rooms.localhost", "other"};
    EXPECT_EQ(again.next(), "<handshake/>");
    EXPECT_FALSE(instance.reload("<accept/>")) << "and the old one goes on";
    EXPECT_EQ(host.handle("<message to='a@rooms.localhost' from='b@localhost/r'/>"), JABBERD_DONE);
    EXPECT_EQ(again.next(), "<message from='b@localhost/r' to='a@rooms.localhost'/>");
}

} // namespace
} // namespace jabberd::test
