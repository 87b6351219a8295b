// SPDX-License-Identifier: LGPL-2.1-or-later
// Those who mean harm, against the whole server, while two friends go on chatting.
#include "support/friends.h"
#include "support/running_host.h"
#include "support/user.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

namespace jabberd::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char *no_caps =
    "<limits><connections-per-address>0</connections-per-address><attempts-per-second>0</attempts-per-second>"
    "<bytes-per-second>0</bytes-per-second><stanzas-per-second>0</stanzas-per-second>";

std::string header(const std::string &to = "localhost")
{
    return "<stream:stream to='" + to + "' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
}

std::string login(const std::string &user, const std::string &password)
{
    return "<iq type='set' id='a'><query xmlns='jabber:iq:auth'><username>" + user + "</username><password>" +
           password + "</password><resource>r</resource></query></iq>";
}

const std::string tls_hello{"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03garbage that would be a random number", 44};
const std::string entity_bomb = "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b "
                                "'&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>]>" +
                                header() + "&c;";

const std::string upgrade =
    "GET /xmpp-websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n";

// What an enemy sends, and what must be among the last words to it ("" where there need not be any).
struct Garbage {
    std::string bytes, answer;
    enum class Way { WaitForTheEnd, LeaveAtOnce, Reset } way = Way::WaitForTheEnd;
};

std::vector<Garbage> kinds_of_garbage()
{
    using enum Garbage::Way;
    const std::string end = "</stream:stream>";
    return {
        {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", ""},
        {tls_hello, ""},
        {entity_bomb, end},
        {"<stream:stream to='localhost' xmlns='jab", "", LeaveAtOnce},
        {header() + "<iq type='get' id='1'><query xmlns='jabber:iq:au", "", LeaveAtOnce},
        {header() + "<iq type='set' id='1'><query xmlns='jabber:iq:auth'><username>", "", Reset},
        {header() + "<iq></presence>", end},
        {header() + "<message to='friend-one@localhost/test'><body>not logged in</body></message>", end},
        {header() + "<presence/>", end},
        {header() +
             "<iq type='set' sto='friend-one@localhost/test' sfrom='1@c2s/1'><query xmlns='jabber:iq:roster'/></iq>",
         end},
        {header() + "<route to='c2s' type='session'/>", end},
        {header() + "<stream:error/>", end},
        {header("elsewhere.example.com") + login("friend-one", "secret"), end},
        {header("friend-one@localhost/test"), end},
        {"<html>" + std::string(1000, 'x') + "</html>", end},
        {header() + std::string(100, '<'), "",
         LeaveAtOnce}, // the parser waits for a '>', until the deadline of a login
        {header() + std::string(100, '<') + ">", end},
        {header() + std::string(20000, 'x'), end},
        {"\xff\xfe\xfd" + std::string(100, '\xc3'), end},
        {"", "", LeaveAtOnce},
        {"", "", Reset},
        {"GET /xmpp-websocket HTTP/1.1\r\nHost: loc", "", LeaveAtOnce},
        {"GET /" + std::string(9000, 'a'), ""},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", ""},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ""},
        {upgrade + "\x81\x05hello", ""},
        {upgrade + std::string{"\x81\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10}, ""},
        {upgrade + std::string{"\x01\x81\0\0\0\0<", 7}, "", LeaveAtOnce},
        {upgrade + std::string{"\x89\xFD\0\0\0\0", 6} + std::string(100, 'p'), "", Reset},
    };
}

void attack(std::uint16_t port, const std::string &from, const Garbage &garbage)
{
    Client enemy{port, from};
    enemy.send(garbage.bytes);
    if (garbage.way == Garbage::Way::Reset)
        return enemy.reset();
    if (garbage.way == Garbage::Way::LeaveAtOnce)
        return enemy.close();
    EXPECT_TRUE(enemy.wait_for_ending() != Client::Ending::Open) << garbage.bytes;
    EXPECT_THAT(enemy.received(), HasSubstr(garbage.answer)) << garbage.bytes;
}

// No more than there were. There may be fewer: when they were counted, the connection that asked for a counter was
// perhaps not closed yet.
bool wait_for_open_files(const RunningHost &host, std::size_t count)
{
    const auto deadline = soon();
    while (host.open_files() > count && Clock::now() < deadline)
        std::this_thread::yield();
    EXPECT_LE(host.open_files(), count);
    return host.open_files() <= count;
}

TEST(Enemies, TenThousandInARowDisturbNobody)
{
    RunningHost host{{.sockets = std::string{no_caps} + "</limits><websocket/>"}};
    Friends friends{host.port()};
    ASSERT_TRUE(host.wait_for_counter("authenticated", 2));
    const std::size_t files = host.open_files();

    std::mt19937 random{20260731}; // the same enemies every time
    const std::vector<Garbage> kinds = kinds_of_garbage();
    for (int i = 0; i < 10'000 && !testing::Test::HasFailure(); ++i) {
        const std::string from = "127.0." + std::to_string(1 + i % 7) + "." + std::to_string(1 + i % 250);
        Garbage noise{std::string(random() % 300, '\0'), "", Garbage::Way::LeaveAtOnce};
        std::ranges::generate(noise.bytes, [&] { return static_cast<char>(random()); });
        const auto kind = random() % (kinds.size() + 1);
        attack(host.port(), from, kind == kinds.size() ? noise : kinds[kind]);
    }

    EXPECT_TRUE(host.wait_for_counter("connections", 2));
    EXPECT_TRUE(host.wait_for_counter("bytes held", 0) || friends.rounds() > 0); // between two messages
    EXPECT_TRUE(wait_for_open_files(host, files));
    friends.stop();
}

TEST(Enemies, AHundredAtATimeDisturbNobody)
{
    RunningHost host{{.sockets = std::string{no_caps} + "</limits>"}};
    Friends friends{host.port()};
    const std::vector<Garbage> kinds = kinds_of_garbage();
    for (int round = 0; round < 5; ++round) {
        std::vector<std::unique_ptr<Client>> enemies;
        for (std::size_t i = 0; i < 100; ++i) {
            enemies.push_back(std::make_unique<Client>(host.port()));
            enemies.back()->send(kinds[i % kinds.size()].bytes);
        }
    }
    EXPECT_TRUE(host.wait_for_counter("connections", 2));
    friends.stop();
}

TEST(Enemies, AreToldThatTheHostIsUnknown)
{
    RunningHost host{{}};
    Client enemy{host.port()};
    enemy.send(header("elsewhere.example.com") + login("alice", "secret"));
    EXPECT_EQ(enemy.wait_for_ending(), Client::Ending::Closed);
    EXPECT_THAT(enemy.received(), HasSubstr("host-unknown"));
}

TEST(Enemies, ForgeNoRoute)
{
    RunningHost host{{}};
    User alice{host.port(), "alice"}, bob{host.port(), "bob"}, mallory{host.port(), "mallory"};
    mallory.client().send("<message to='bob@localhost/test' from='alice@localhost/test' sto='alice@localhost/test' "
                          "sfrom='alice@localhost/test'><body>forged</body></message>");
    mallory.client().send("<message to='0@c2s/1'><body>to a socket</body></message><message to='0@c2s/1' sto='0@c2s/1' "
                          "sfrom='localhost' type='error'><error code='510'/></message>");
    EXPECT_EQ(bob.hear(), (User::Message{"mallory@localhost/test", "forged"}));

    bob.say(alice.address(), "all well");
    EXPECT_EQ(alice.hear(), (User::Message{bob.address(), "all well"})); // and nothing before it
    for (User *each : {&alice, &bob, &mallory}) {
        EXPECT_THAT(each->client().received(), Not(HasSubstr("sto=")));
        EXPECT_THAT(each->client().received(), Not(HasSubstr("sfrom=")));
    }
}

TEST(Enemies, GuessThreePasswordsOnAConnectionAndNoMore)
{
    RunningHost host{{}};
    register_account(host.port(), "alice");
    Client enemy{host.port()};
    enemy.send(header());
    for (const char *guess : {"love", "sex", "god"})
        enemy.send(login("alice", guess));
    enemy.send(login("alice", "secret")); // one too late, though right
    EXPECT_EQ(enemy.wait_for_ending(), Client::Ending::Closed);
    EXPECT_THAT(enemy.received(), HasSubstr("<stream:error>"));
    EXPECT_EQ(host.counter("logins"), 0u);
}

TEST(Enemies, WhoSaysNothingIsDisconnectedInTime)
{
    RunningHost host{{.sockets = "<authtime>1</authtime>"}};
    Client silent{host.port()}, talkative{host.port()};
    talkative.send(header());
    EXPECT_EQ(silent.wait_for_ending(), Client::Ending::Closed);
    EXPECT_EQ(talkative.wait_for_ending(), Client::Ending::Closed);
    EXPECT_THAT(talkative.received(), HasSubstr("connection-timeout"));
}

// Whoever comes with TLS, and every way to leave the server waiting in the middle of it.
class EnemiesWithTls : public testing::Test {
protected:
    // By another client's own end of TLS: what a real one says first.
    static std::string client_hello()
    {
        ClientTls tls{"localhost"};
        tls.shake();
        return tls.take_wire();
    }
    static std::unique_ptr<Client> inside_starttls(std::uint16_t port)
    {
        auto client = std::make_unique<Client>(port);
        client->send("<stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
                     "xmlns:stream='http://etherx.jabber.org/streams'><starttls "
                     "xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        while (const auto event = client->receive()) {
            if (event->element.name == "proceed")
                return client;
        }
        ADD_FAILURE() << "no <proceed/>";
        return client;
    }
    static RunningHost::Settings settings(const std::string &more)
    {
        return {.sockets = "<tls required='yes'><certificate file='localhost.pem' self-signed='localhost'/></tls>"
                           "<listen port='0' tls='direct'>127.0.0.1</listen>" +
                           more};
    }
    static std::string log_of(const RunningHost &host)
    {
        std::ifstream file{host.path("log")};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
};

TEST_F(EnemiesWithTls, WhoStallInTheHandshakeAreDisconnectedInTime)
{
    RunningHost host{settings("<authtime>1</authtime>")};
    const std::string hello = client_hello();
    std::vector<std::unique_ptr<Client>> enemies;
    for (const std::uint16_t port : {host.port(), host.direct_tls_port()}) {
        for (const std::string &bytes : {hello.substr(0, 1), hello.substr(0, 50), hello}) {
            enemies.push_back(std::make_unique<Client>(port));
            enemies.back()->send(bytes);
        }
    }
    enemies.push_back(std::make_unique<Client>(host.direct_tls_port())); // says nothing at all
    enemies.push_back(inside_starttls(host.port()));
    // Each byte is activity, and none of it moves the deadline. It lasts longer than any deadline if nobody ends it.
    Client slow{host.direct_tls_port()};
    for (std::size_t i = 0; i < hello.size() && slow.ending() == Client::Ending::Open; ++i) {
        slow.send(hello.substr(i, 1));
        slow.wait_for_ending(Clock::now() + std::chrono::milliseconds{100});
    }
    EXPECT_NE(slow.ending(), Client::Ending::Open);
    for (const auto &enemy : enemies)
        EXPECT_NE(enemy->wait_for_ending(), Client::Ending::Open);
    EXPECT_TRUE(host.wait_for_counter("connections", 0));
}

TEST_F(EnemiesWithTls, WhoSpeakNoTlsWhereItIsDueAreDisconnectedAtOnce)
{
    RunningHost host{settings("")};
    const std::string record_too_long{"\x16\x03\x01\xff\xff", 5};
    for (const std::string &bytes :
         {header(), tls_hello + std::string(1000, '\x16'), record_too_long + std::string(70'000, 'x'),
          std::string{"GET / HTTP/1.1\r\n\r\n"}, std::string{"\x15\x03\x01\x00\x02\x02\x28", 7}}) {
        const auto after_starttls = inside_starttls(host.port());
        after_starttls->send(bytes);
        EXPECT_NE(after_starttls->wait_for_ending(), Client::Ending::Open) << bytes;
        EXPECT_THAT(after_starttls->received(), Not(HasSubstr("<stream:error"))) << "in the clear, where TLS was due";
        Client direct{host.direct_tls_port()};
        direct.send(bytes);
        EXPECT_NE(direct.wait_for_ending(), Client::Ending::Open) << bytes;
    }
    EXPECT_TRUE(host.wait_for_counter("connections", 0));
    EXPECT_THAT(log_of(host), HasSubstr("TLS failed: "));
}

TEST_F(EnemiesWithTls, HalfOpenHandshakesHoldNoMoreThanTheCapAndDisturbNobody)
{
    RunningHost host{settings("<limits><attempts-per-second>0</attempts-per-second>"
                              "<connections-per-address>100</connections-per-address></limits>")};
    const std::size_t files = host.open_files();
    const std::string hello = client_hello();
    std::vector<std::unique_ptr<Client>> enemies;
    for (int i = 0; i < 300; ++i) {
        enemies.push_back(std::make_unique<Client>(host.direct_tls_port()));
        enemies.back()->send(hello);
    }
    EXPECT_TRUE(host.wait_for_counter("connections", 100));
    Client other{host.direct_tls_port(), "127.0.0.2"};
    EXPECT_TRUE(other.begin_tls("localhost"));
    enemies.clear();
    EXPECT_TRUE(host.wait_for_counter("connections", 1));
    other.close();
    EXPECT_TRUE(wait_for_open_files(host, files));
    EXPECT_THAT(log_of(host), HasSubstr("gone during the TLS handshake"));
}

TEST_F(EnemiesWithTls, WhoEndTheirTlsInOrderAreAnsweredInOrder)
{
    RunningHost host{settings("")};
    Client client{host.direct_tls_port()};
    ASSERT_TRUE(client.begin_tls("localhost"));
    client.send(header());
    ASSERT_TRUE(client.receive());
    client.end_tls();
    EXPECT_EQ(client.wait_for_ending(), Client::Ending::Closed);
    EXPECT_TRUE(client.tls()->was_closed());
}

TEST(Enemies, WhoDoesNotReadIsDisconnectedAndNoMessageIsLost)
{
    RunningHost host{{.sessions = "<offline max='100000' bytes='1000000000'/><work bytes='100000000'/>",
                      .sockets = std::string{no_caps} + "<queue>100000</queue></limits>"}};
    Friends friends{host.port()};
    register_account(host.port(), "slow");
    Client slow{host.port(), "127.0.0.1", 4096};
    slow.send(header() + login("slow", "secret"));
    while (const auto event = slow.receive()) {
        if (event->element.name == "iq")
            break;
    }
    slow.send("<presence/>");

    User sender{host.port(), "sender"};
    const std::string much(20'000, 'x');
    constexpr int count = 500; // more than the kernel's buffers hold
    for (int i = 0; i < count; ++i)
        sender.say("slow@localhost/r", std::to_string(i) + " " + much);
    sender.say(sender.address(), "sent");
    ASSERT_EQ(sender.hear(), (User::Message{sender.address(), "sent"}));
    ASSERT_TRUE(host.wait_for_counter("authenticated", 3));

    // What was on the wire, and what waited for the next login.
    std::vector<int> heard;
    EXPECT_EQ(slow.wait_for_ending(), Client::Ending::Closed);
    while (const auto event = slow.receive()) {
        if (event->kind == StreamEvent::Kind::Element && event->element.name == "message")
            heard.push_back(std::stoi(event->element.children.front().children.front().text));
    }
    EXPECT_GT(heard.size(), 0u);
    EXPECT_LT(heard.size(), static_cast<std::size_t>(count));
    EXPECT_TRUE(std::ranges::is_sorted(heard));
    for (int logins = 0; heard.size() < count && logins < 100;
         ++logins) { // several: what waits is more than the queue may hold
        User again{host.port(), "slow", "again" + std::to_string(logins)};
        while (const auto message = heard.size() < count ? again.hear() : std::nullopt)
            heard.push_back(std::stoi(message->body));
    }
    ASSERT_EQ(heard.size(), static_cast<std::size_t>(count));
    std::ranges::sort(heard);
    for (int i = 0; i < count; ++i)
        ASSERT_EQ(heard[static_cast<std::size_t>(i)], i);
    friends.stop();
}

} // namespace
} // namespace jabberd::test
