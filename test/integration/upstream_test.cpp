// SPDX-License-Identifier: LGPL-2.1-or-later
// Our socket manager in front of Prosody: its users come through us, and nothing is lost on the way.
#include "support/client.h"
#include "support/environment.h"
#include "support/prosody.h"
#include "support/running_host.h"
#include "support/user.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <regex>
#include <string>
#include <thread>
#include <vector>

namespace jabberd::test {
namespace {

using testing::HasSubstr;

std::string attribute_of(const Element &element, const std::string &name)
{
    const auto found = element.attributes.find(name);
    return found == element.attributes.end() ? "" : found->second;
}

// "\0alice\0secret", as SASL PLAIN has it.
std::string base64(std::string_view bytes)
{
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j)
            group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
        for (std::size_t j = 0; j < 4; ++j)
            out += i + j <= bytes.size() ? digits[group >> (18 - 6 * j) & 63] : '=';
    }
    return out;
}

// A client of today, in the hands of the test: SASL, binding, and XEP-0198 by hand.
class Modern {
public:
    explicit Modern(std::uint16_t port, std::optional<int> receive_buffer = std::nullopt)
        : client_(port, "127.0.0.1", receive_buffer)
    {
    }

    Client &client() { return client_; }
    const std::string &jid() const { return jid_; }
    void say(std::string_view xml) { client_.send(xml); }

    void open()
    {
        say("<stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
            "xmlns:stream='http://etherx.jabber.org/streams'>");
        features_ = next("features", Clock::now() + std::chrono::minutes{1});
    }
    const std::optional<Element> &features() const { return features_; }

    bool authenticate(const std::string &name, std::string_view password = usual_password)
    {
        say("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" +
            base64(std::string(1, '\0') + name + '\0' + std::string{password}) + "</auth>");
        const auto answer = next_of({"success", "failure"}, Clock::now() + std::chrono::minutes{1});
        if (!answer || answer->name != "success")
            return false;
        client_.forget();
        open();
        return true;
    }

    void bind(const std::string &resource)
    {
        say("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" + resource +
            "</resource></bind></iq>");
        const auto answer = next("iq");
        if (!answer || attribute_of(*answer, "type") != "result")
            ADD_FAILURE() << "not bound: " << client_.received();
        else
            jid_ = answer->children.front().children.front().children.front().text;
    }

    void log_in(const std::string &name, const std::string &resource)
    {
        open();
        ASSERT_TRUE(authenticate(name)) << client_.received();
        bind(resource);
        say("<presence/>");
    }

    // The next element of one of these names; others are passed over.
    std::optional<Element> next_of(const std::vector<std::string> &names, Clock::time_point deadline = soon())
    {
        while (const auto event = client_.receive(deadline)) {
            if (event->kind == StreamEvent::Kind::Element &&
                std::ranges::find(names, event->element.name) != names.end())
                return event->element;
        }
        return std::nullopt;
    }
    std::optional<Element> next(const std::string &name, Clock::time_point deadline = soon())
    {
        return next_of({name}, deadline);
    }

    // The body of the next message; "" when none comes.
    std::string hear(Clock::time_point deadline = soon())
    {
        while (const auto message = next("message", deadline)) {
            for (const Element &child : message->children) {
                if (child.name == "body")
                    return child.children.empty() ? "" : child.children.front().text;
            }
        }
        return "";
    }

private:
    Client client_;
    std::string jid_;
    std::optional<Element> features_;
};

std::string message_to(const std::string &to, const std::string &body)
{
    return "<message type='chat' to='" + to + "'><body>" + body + "</body></message>";
}

class InFrontOfProsody : public testing::Test {
protected:
    void SetUp() override
    {
        if (environment("PROSODY").empty())
            GTEST_SKIP() << "prosody is not installed";
        prosody = std::make_unique<Prosody>(
            Prosody::Settings{.modules = "'smacks', 'csi', 'offline', 'ping'",
                              .hosts = "VirtualHost 'localhost'",
                              .more = "c2s_stanza_size_limit = 6000000\nsmacks_hibernation_time = 60\n"});
        host = std::make_unique<RunningHost>(RunningHost::Settings{
            .upstream = "<server>127.0.0.1:" + std::to_string(prosody->client_port()) +
                        "</server><patience>30</patience><stanza>6000000</stanza><queue>100000000</queue>",
            .sockets =
                "<plain>always</plain><sasl>yes</sasl><limits><bytes-per-second>0</bytes-per-second>"
                "<stanzas-per-second>0</stanzas-per-second><stanza>6000000</stanza><queue>100000000</queue></limits>"});
    }

    // Both components, each by a copy of its own file.
    void swap()
    {
        for (const auto &[service, variable] :
             {std::pair{"c2s", "SOCKET_MANAGER"}, std::pair{"sessions", "UPSTREAM"}}) {
            const std::string copy = host->path(std::string{service} + std::to_string(++swaps) + ".so");
            std::filesystem::copy_file(needed_environment(variable), copy);
            const Result result = run(host->ctl({"swap", service, copy}));
            EXPECT_EQ(result.status, 0) << result.output;
            std::filesystem::remove(copy);
        }
    }

    std::string status() const { return run(host->ctl({"status"})).output; }

    bool wait_for(const std::string &what, unsigned number) const
    {
        const auto deadline = soon();
        std::string last;
        do {
            last = status();
            if (std::regex_search(last, std::regex{"\n +" + what + " +" + std::to_string(number) + "\n"}))
                return true;
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        } while (Clock::now() < deadline);
        ADD_FAILURE() << "there are not " << number << " " << what << " in\n" << last;
        return false;
    }

    std::size_t sockets_of_prosody() const
    {
        std::size_t count = 0;
        for (const auto &entry :
             std::filesystem::directory_iterator{"/proc/" + std::to_string(prosody->pid()) + "/fd"}) {
            std::error_code gone;
            count += std::filesystem::read_symlink(entry, gone).string().starts_with("socket:") ? 1 : 0;
        }
        return count;
    }

    std::unique_ptr<Prosody> prosody;
    std::unique_ptr<RunningHost> host;
    unsigned swaps = 0;
};

TEST_F(InFrontOfProsody, ClientsOfBeforeXmppChat)
{
    User alice{host->port(), "alice"}, bob{host->port(), "bob"};
    alice.say(bob.address(), "hello");
    EXPECT_EQ(bob.hear(), (User::Message{alice.address(), "hello"}));
    bob.say(alice.address(), "hello yourself");
    EXPECT_EQ(alice.hear(), (User::Message{bob.address(), "hello yourself"}));
}

TEST_F(InFrontOfProsody, WhatIsBetweenNeighboursIsNotOffered)
{
    register_account(host->port(), "alice");
    Modern alice{host->port()};
    alice.open();
    ASSERT_TRUE(alice.features());
    std::vector<std::string> names;
    for (const Element &feature : alice.features()->children)
        names.push_back(feature.name);
    EXPECT_THAT(names, testing::Contains("mechanisms"));
    EXPECT_EQ(std::ranges::count(names, "limits"), 1);
    EXPECT_THAT(alice.client().received(), testing::Not(HasSubstr("-PLUS")));
    ASSERT_TRUE(alice.authenticate("alice"));
    EXPECT_THAT(alice.client().received(), HasSubstr("urn:xmpp:sm:3"));
}

TEST_F(InFrontOfProsody, AWrongPasswordIsRefusedAndARightOneMayFollow)
{
    register_account(host->port(), "alice");
    Modern alice{host->port()};
    alice.open();
    EXPECT_FALSE(alice.authenticate("alice", "guess"));
    EXPECT_TRUE(alice.authenticate("alice"));
    alice.bind("r");
    EXPECT_EQ(alice.jid(), "alice@localhost/r");
}

// Who does not log in costs the server nothing, and is forgotten when it goes.
TEST_F(InFrontOfProsody, ConnectionsWithoutALoginOpenNoneWithTheServer)
{
    register_account(host->port(), "alice");
    {
        Modern first{host->port()};
        first.open(); // what is offered is known now
    }
    ASSERT_TRUE(wait_for("clients", 0));
    const std::size_t before = sockets_of_prosody();
    {
        std::vector<std::unique_ptr<Modern>> strangers;
        for (int i = 0; i < 50; ++i)
            strangers.emplace_back(std::make_unique<Modern>(host->port()))->open();
        ASSERT_TRUE(wait_for("clients", 50));
        EXPECT_EQ(sockets_of_prosody(), before);
    }
    EXPECT_TRUE(wait_for("clients", 0));
}

TEST_F(InFrontOfProsody, NothingIsLostInTenSwaps)
{
    for (const char *name : {"alice", "bob"})
        register_account(host->port(), name);
    Modern alice{host->port()}, bob{host->port()};
    alice.log_in("alice", "a");
    bob.log_in("bob", "b");
    unsigned number = 0;
    for (int round = 0; round < 10; ++round) {
        for (int i = 0; i < 10; ++i) {
            alice.say(message_to(bob.jid(), "to bob " + std::to_string(number)));
            bob.say(message_to(alice.jid(), "to alice " + std::to_string(number)));
            ++number;
        }
        swap();
    }
    for (unsigned i = 0; i < number; ++i) {
        ASSERT_EQ(bob.hear(), "to bob " + std::to_string(i));
        ASSERT_EQ(alice.hear(), "to alice " + std::to_string(i));
    }
}

// Each message is more than a kernel takes for a client that does not read (4 MB), so that it is known which have
// arrived.
TEST_F(InFrontOfProsody, WhatADeadClientHasNotReadComesAtItsNextLogin)
{
    constexpr unsigned all = 8, read = 2;
    for (const char *name : {"alice", "bob"})
        register_account(host->port(), name);
    Modern alice{host->port()};
    alice.log_in("alice", "a");
    const auto body = [](unsigned number) { return std::to_string(number) + ' ' + std::string(5000000, 'x'); };
    {
        Modern bob{host->port(), 4096};
        bob.log_in("bob", "b");
        for (unsigned i = 0; i < all; ++i) {
            alice.say(message_to("bob@localhost", body(i)));
            if (i < read) {
                ASSERT_TRUE(bob.hear() == body(i));
            }
            if (i % 4 == 0)
                swap();
        }
        bob.client().reset();
    }
    ASSERT_TRUE(wait_for("sessions", 1));
    Modern bob{host->port()};
    bob.log_in("bob", "b");
    for (unsigned i = read; i < all; ++i)
        ASSERT_TRUE(bob.hear() == body(i)) << i;
    alice.say(message_to("bob@localhost", "the last"));
    EXPECT_EQ(bob.hear(), "the last");
}

// XEP-0198 is between the client and the server; we are swapped meanwhile.
TEST_F(InFrontOfProsody, AClientResumesAcrossACutAndASwap)
{
    for (const char *name : {"alice", "bob"})
        register_account(host->port(), name);
    Modern alice{host->port()};
    alice.log_in("alice", "a");
    std::string previous;
    {
        Modern bob{host->port()};
        bob.open();
        ASSERT_TRUE(bob.authenticate("bob"));
        bob.bind("b");
        bob.say("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        const auto enabled = bob.next("enabled");
        ASSERT_TRUE(enabled) << bob.client().received();
        previous = attribute_of(*enabled, "id");
        ASSERT_FALSE(previous.empty());
        bob.say("<presence/>");
        alice.say(message_to("bob@localhost", "before"));
        ASSERT_EQ(bob.hear(), "before"); // and its own presence before it: two stanzas
        bob.say("<a xmlns='urn:xmpp:sm:3' h='2'/>");
        swap();
        bob.client().reset();
    }
    ASSERT_TRUE(wait_for("sessions", 1));
    for (unsigned i = 0; i < 5; ++i)
        alice.say(message_to("bob@localhost", "meanwhile " + std::to_string(i)));
    swap();
    Modern bob{host->port()};
    bob.open();
    ASSERT_TRUE(bob.authenticate("bob"));
    bob.say("<resume xmlns='urn:xmpp:sm:3' previd='" + previous + "' h='2'/>");
    const auto resumed = bob.next_of({"resumed", "failed"});
    ASSERT_TRUE(resumed);
    ASSERT_EQ(resumed->name, "resumed") << bob.client().received();
    for (unsigned i = 0; i < 5; ++i)
        EXPECT_EQ(bob.hear(), "meanwhile " + std::to_string(i));
    bob.say(message_to("alice@localhost", "back"));
    EXPECT_EQ(alice.hear(), "back");
    EXPECT_THAT(run(host->ctl({"sessions"})).output, HasSubstr("bob@localhost/b"));
}

// Its clients are told, and those that come meanwhile wait until it is back.
TEST_F(InFrontOfProsody, AServerThatDiesEndsItsClientsAndOthersWaitForIt)
{
    register_account(host->port(), "alice");
    Modern alice{host->port()};
    alice.log_in("alice", "a");
    prosody->kill();
    const auto error = alice.next("error");
    ASSERT_TRUE(error) << alice.client().received();
    EXPECT_EQ(error->children.front().name, "system-shutdown");
    Modern again{host->port()};
    again.open();
    again.say("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" +
              base64(std::string{"\0alice\0", 7} + std::string{usual_password}) + "</auth>");
    ASSERT_TRUE(wait_for("logging in", 1));
    prosody->start();
    EXPECT_TRUE(again.next("success", Clock::now() + std::chrono::minutes{1})) << again.client().received();
}

} // namespace
} // namespace jabberd::test
