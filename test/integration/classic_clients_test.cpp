// SPDX-License-Identifier: LGPL-2.1-or-later
// Clients of today, unmodified, in a jabberd of 2001: a browser over a WebSocket and a terminal over TCP, with the
// session manager of the server, which knows of neither, nor of TLS, nor of SASL.
#include "support/classic_host.h"
#include "support/client_program.h"
#include "support/environment.h"
#include "support/user.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>

namespace jabberd::test {
namespace {

using testing::AnyOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

constexpr char served[] = "<control>control</control><websocket/>"
                          "<tls required='no'><certificate file='localhost.pem' self-signed='localhost'/></tls>";

Result ctl_of(const ClassicHost &host, std::vector<std::string> arguments)
{
    arguments.insert(arguments.begin(), {needed_environment("JABBERD_CTL"), "--socket", host.path("control")});
    return run(arguments);
}

// By a client of the server's own age. Converse.js waits without end before it writes to somebody who is not a contact,
// where a server has no XEP-0191.
void add_contact(std::uint16_t port, const std::string &user, const std::string &contact)
{
    User old{port, user, "old"};
    old.client().send("<iq type='set' id='contact'><query xmlns='jabber:iq:roster'><item jid='" + contact +
                      "'/></query></iq>");
    while (const auto event = old.client().receive()) {
        const auto id = event->element.attributes.find("id");
        if (id != event->element.attributes.end() && id->second == "contact")
            return old.client().close();
    }
    ADD_FAILURE() << old.client().received();
}

void take_picture(Process &browser, const std::string &name)
{
    browser.say("/picture " + name);
    ASSERT_TRUE(browser.wait_for("picture " + name + "\n"));
    EXPECT_GT(std::filesystem::file_size(environment("SCREENSHOTS") + "/converse_js-" + name + ".png"), 0u);
}

void chat(Process &browser, Process &terminal, const std::string &when)
{
    browser.say("bob@localhost from a browser, " + when);
    ASSERT_TRUE(terminal.wait_for(" from a browser, " + when + "\n"));
    EXPECT_THAT(terminal.output(), ContainsRegex("alice@localhost/[^ ]+ from a browser, " + when + "\n"));
    terminal.say("alice@localhost from a terminal, " + when + ": 2 < 3 & \xe2\x82\xac");
    ASSERT_TRUE(browser.wait_for(" from a terminal, " + when + ": 2 < 3 & \xe2\x82\xac\n"));
    EXPECT_THAT(browser.output(), ContainsRegex("bob@localhost(/[^ ]*)? from a terminal, " + when));
}

TEST(Jabberd14, CarriesABrowsersChatWithATerminalThroughASwap)
{
    for (const char *client : {"converse_js", "profanity"}) {
        if (client_command(client).empty())
            GTEST_SKIP() << client << " is not installed";
    }
    std::filesystem::create_directories(environment("SCREENSHOTS"));
    ClassicHost host{
        {.flavour = ClassicHost::Flavour::Jabberd14, .component = needed_environment("COMPONENT"), .options = served}};
    const std::uint16_t port = host.port(); // for all: the first bytes of a client tell which it is
    const ClientServer server{port, port, host.path("localhost.pem")};
    add_contact(port, "alice", "bob@localhost");
    Process browser = start_client(server, "converse_js", {.name = "alice", .transport = "websocket"});
    Process terminal = start_client(server, "profanity", {.name = "bob"});
    ASSERT_TRUE(browser.wait_for("ready\n"));
    ASSERT_TRUE(terminal.wait_for("ready\n"));
    const std::string sessions = ctl_of(host, {"sessions"}).output;
    EXPECT_THAT(sessions, ContainsRegex("alice@localhost/.*websocket TLS"));
    EXPECT_THAT(sessions, ContainsRegex("bob@localhost/.*TLS"));

    ASSERT_NO_FATAL_FAILURE(chat(browser, terminal, "before the swap"));
    take_picture(browser, "before");
    const std::string successor = host.path("successor.so"); // a file of its own, as every new build is
    std::filesystem::copy_file(needed_environment("COMPONENT"), successor);
    const Result swapped = ctl_of(host, {"swap", "c2s", successor});
    EXPECT_EQ(swapped.status, 0) << swapped.output;
    EXPECT_THAT(ctl_of(host, {"status"}).output, HasSubstr(successor));
    ASSERT_NO_FATAL_FAILURE(chat(browser, terminal, "after the swap"));
    take_picture(browser, "after");

    for (Process *client : {&browser, &terminal}) {
        EXPECT_THAT(client->output(), Not(AnyOf(HasSubstr("closed\n"), HasSubstr("refused\n"))));
        client->finish_input();
        client->wait();
    }
}

} // namespace
} // namespace jabberd::test
