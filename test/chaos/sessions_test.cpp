// SPDX-License-Identifier: LGPL-2.1-or-later
// Sessions whose clients have vanished (XEP-0198), by the thousand; and strangers who would like to have one of them.
// Two friends chat meanwhile.
#include "base/base64.h"
#include "support/environment.h"
#include "support/log_file.h"
#include "support/process.h"
#include "trial.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace jabberd::chaos {
namespace {

using test::Client;
using test::User;

constexpr const char *header_of_1_0 = "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
                                      "xmlns:stream='http://etherx.jabber.org/streams'>";

// Until the counter is so high, however long that takes, within reason.
void wait_for(Trial &trial, std::string_view counter, std::uint64_t value)
{
    const auto end = test::Clock::now() + std::chrono::seconds{is_long() ? 300 : 60};
    while (trial.host().counter(counter) != value && test::Clock::now() < end)
        trial.watch(1);
    EXPECT_EQ(trial.host().counter(counter), value) << counter;
}

// How long it took, in the words of jabberd-ctl.
std::string swap(const test::RunningHost &host)
{
    const std::string next = host.path("next.so"); // a file of its own, as every new build is
    std::filesystem::copy_file(test::needed_environment("SOCKET_MANAGER"), next);
    const test::Result swapped = test::run(host.ctl({"swap", "c2s", next}));
    EXPECT_EQ(swapped.status, 0) << swapped.output;
    const auto words = swapped.output.find("its packets waited ");
    return words == std::string::npos ? "" : swapped.output.substr(words, swapped.output.find('\n', words) - words);
}

TEST(SessionChaos, ClientsThatVanishTogetherLeaveSessionsThatEndTogether)
{
    const unsigned places = is_long() ? 10 : 4, of_each = is_long() ? 1000 : 40, all = places * of_each;
    const unsigned waits = is_long() ? 30 : 10; // seconds
    Trial trial{{.sockets = "<stream-management seconds='" + std::to_string(waits) + "'/>"}};
    test::RunningHost &host = trial.host();
    const double before = trial.resident_mb();
    auto flood = std::make_unique<test::Process>(
        std::vector<std::string>{test::needed_environment("FLOOD"), "vanishing", std::to_string(host.port()),
                                 std::to_string(places), std::to_string(of_each), "900"});
    ASSERT_TRUE(flood->wait_for(std::to_string(all) + " are answered\n"));
    const double connected = trial.resident_mb();
    flood.reset();
    wait_for(trial, "detached", all);
    const double detached = trial.resident_mb();
    const std::uint64_t held = host.counter("bytes held");
    const std::string took = swap(host);
    EXPECT_EQ(host.counter("detached"), all) << "a swap has lost some";
    const double swapped = trial.resident_mb();
    wait_for(trial, "detached", 0);
    EXPECT_EQ(host.counter("sessions detached"), all);
    EXPECT_EQ(host.counter("sessions not resumed"), all);
    EXPECT_EQ(host.counter("sessions resumed"), 0u);
    trial.recover();
    char words[320];
    std::snprintf(words, sizeof words,
                  "%u sessions; resident MB %.1f, with clients %.1f, without %.1f (%.0f bytes held for each), after a "
                  "swap (%s) %.1f, after their end %.1f",
                  all, before, connected, detached, static_cast<double>(held) / all, took.c_str(), swapped,
                  trial.resident_mb());
    trial.end("vanishing", words);
}

std::size_t times_in_log(const test::RunningHost &host, std::string_view words)
{
    const std::string log = test::contents_of(host.path("log"));
    std::size_t times = 0;
    for (auto at = log.find(words); at != std::string::npos; at = log.find(words, at + 1))
        ++times;
    return times;
}

// What a client is to send for its session: the whole of the attribute previd.
std::string enable_resumption(Client &client)
{
    client.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
    while (const auto event = client.receive()) {
        if (event->element.name == "enabled")
            return event->element.attributes.at("id");
    }
    ADD_FAILURE() << client.received();
    return {};
}

bool wait_for_element(Client &client, std::string_view name)
{
    while (const auto event = client.receive()) {
        if (event->element.name == name)
            return true;
    }
    ADD_FAILURE() << "no <" << name << "/> in " << client.received();
    return false;
}

// As far as a client that comes back for its session.
bool log_in_again(Client &client, const std::string &name)
{
    client.send(header_of_1_0);
    client.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" +
                base64_encode('\0' + name + '\0' + std::string{test::usual_password}) + "</auth>");
    if (!wait_for_element(client, "success"))
        return false;
    client.forget();
    client.send(header_of_1_0);
    return wait_for_element(client, "features");
}

TEST(SessionChaos, ForgedAndStolenIdsGetNobodysSession)
{
    const unsigned places = 6, of_each = is_long() ? 100 : 25;
    Trial trial{{.sockets = "<plain>always</plain>"}};
    test::RunningHost &host = trial.host();
    auto owner = std::make_unique<User>(host.port(), "owner");
    const std::string id = enable_resumption(owner->client());
    owner->client().reset();
    owner.reset();
    ASSERT_TRUE(host.wait_for_counter("detached", 1));
    User writer{host.port(), "writer"};
    writer.say("owner@localhost", "kept for you");

    test::Process flood{{"env", "FLOOD_PREVID=" + id, test::needed_environment("FLOOD"), "forged-resumptions",
                         std::to_string(host.port()), std::to_string(places), std::to_string(of_each),
                         std::to_string(seconds())}};
    trial.watch(seconds() * 10);
    EXPECT_EQ(flood.wait(), 0) << flood.output();
    trial.recover();
    EXPECT_EQ(host.counter("sessions resumed"), 0u);
    EXPECT_EQ(host.counter("detached"), 1u);
    const std::uint64_t clients = host.counter("accepted");
    const std::size_t guesses = times_in_log(host, "wants a session back that is not there");
    EXPECT_GT(guesses, 0u);
    EXPECT_LE(guesses, 4 * clients) << "a client guesses more often than passwords";

    Client client{host.port()};
    ASSERT_TRUE(log_in_again(client, "owner"));
    client.send("<resume xmlns='urn:xmpp:sm:3' h='0' previd='" + id + "'/>");
    ASSERT_TRUE(wait_for_element(client, "resumed"));
    ASSERT_TRUE(wait_for_element(client, "message")) << "what came meanwhile is lost";
    EXPECT_NE(client.received().find("kept for you"), std::string::npos);
    EXPECT_EQ(host.counter("sessions resumed"), 1u);
    trial.end("forged-resumptions", std::to_string(guesses) + " guesses in the log, of " + std::to_string(clients) +
                                        " clients; " + flood.output());
}

} // namespace
} // namespace jabberd::chaos
