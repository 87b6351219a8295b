// SPDX-License-Identifier: LGPL-2.1-or-later
// The whole server, whose socket manager is replaced by another one and back, while its clients chat.
#include "support/friends.h"
#include "support/log_file.h"
#include "support/running_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

namespace jabberd::test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class SwappedServer : public testing::Test {
protected:
    // A file of its own, as every new build is.
    std::string copy_of(const char *variable, const std::string &name) const
    {
        std::filesystem::copy_file(std::getenv(variable), host_.path(name));
        return host_.path(name);
    }

    Result ctl(const std::vector<std::string> &arguments) const { return run(host_.ctl(arguments)); }
    std::string maps() const { return contents_of("/proc/" + std::to_string(host_.pid()) + "/maps"); }

    void swap(const std::string &file) const
    {
        const Result swapped = ctl({"swap", "c2s", file});
        EXPECT_EQ(swapped.status, 0) << swapped.output;
        EXPECT_THAT(swapped.output, HasSubstr(", " + file + "; its packets waited "));
    }

    const RunningHost host_{RunningHost::Settings{}};
};

// Each of these has ended the host, or the session of somebody else.
TEST_F(SwappedServer, InAnotherImplementationOutlivesItsEnemies)
{
    swap(copy_of("PLAIN_SOCKET_MANAGER", "plain.so"));
    Friends friends{host_.port()};
    User mallory{host_.port(), "mallory"};
    const std::string header =
        "<stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
    for (const std::string bytes :
         {"<iq type='set' id='1'><query xmlns='jabber:iq:auth' a:t='1'/></iq>", "<iq a:t='1'/>", "<a:iq/>", "<xml:iq/>",
          "<iq><![CDATA[\xc3\x28]]></iq>", "<![CDATA[ ]]>", "&#32;<iq/>", "]]>"}) {
        Client enemy{host_.port()};
        enemy.send(header + bytes);
        enemy.finish();
        EXPECT_NE(enemy.wait_for_ending(), Client::Ending::Open) << bytes;
        EXPECT_THAT(enemy.received(), HasSubstr("<stream:error>")) << bytes;
    }
    mallory.client().send("<message to='friend-one@localhost/test'><xml:_/></message>");
    EXPECT_NE(mallory.client().wait_for_ending(), Client::Ending::Open);
    EXPECT_THAT(mallory.client().received(), HasSubstr("<stream:error><bad-format "));
    friends.expect_chat();
    friends.stop();
}

TEST_F(SwappedServer, GoesOnInAnotherImplementationAndBack)
{
    Friends friends{host_.port()};
    const std::string ours = copy_of("SOCKET_MANAGER", "ours.so");
    const std::string plain = copy_of("PLAIN_SOCKET_MANAGER", "plain.so");
    for (int i = 0; i < 5; ++i) {
        swap(plain);
        friends.expect_chat();
        EXPECT_THAT(ctl({"status"}).output, ContainsRegex("c2s +plain_socket_manager +1\\.0 "));
        swap(ours);
        friends.expect_chat();
    }
    EXPECT_THAT(ctl({"status"}).output, AllOf(ContainsRegex("swapped +10 times, the last pause [0-9]+\\.[0-9] ms"),
                                              ContainsRegex("c2s +socket_manager "), Not(HasSubstr("plain_"))));
    User late{host_.port(), "late"};
    late.say(late.address(), "hello");
    EXPECT_EQ(late.hear().value_or(User::Message{}).body, "hello");
    friends.stop();
}

TEST_F(SwappedServer, LeavesNothingOfTheOldImageInMemory)
{
    Friends friends{host_.port()};
    swap(copy_of("SOCKET_MANAGER", "second.so"));
    EXPECT_THAT(maps(), AllOf(HasSubstr("/second.so"), Not(HasSubstr("/socket_manager.so"))));
    friends.expect_chat();
    swap(copy_of("SOCKET_MANAGER", "third.so"));
    EXPECT_THAT(maps(), AllOf(HasSubstr("/third.so"), Not(HasSubstr("/second.so"))));
    EXPECT_THAT(ctl({"status", "--json"}).output, HasSubstr("\"images_left\":0"));
    friends.expect_chat();
    friends.stop();
}

TEST_F(SwappedServer, SwapsOneAfterTheOtherWhenTwoOperatorsAskAtOnce)
{
    Friends friends{host_.port()};
    for (int i = 0; i < 5; ++i) {
        const std::string number = std::to_string(i);
        Process first{host_.ctl({"swap", "c2s", copy_of("SOCKET_MANAGER", "first" + number + ".so")})};
        Process second{host_.ctl({"swap", "c2s", copy_of("SOCKET_MANAGER", "second" + number + ".so")})};
        EXPECT_EQ(first.wait(), 0) << first.output();
        EXPECT_EQ(second.wait(), 0) << second.output();
    }
    EXPECT_THAT(ctl({"status"}).output, ContainsRegex("swapped +10 times,"));
    friends.expect_chat();
    friends.stop();
}

TEST_F(SwappedServer, IsSwappedByAReloadOfAnotherPath)
{
    Friends friends{host_.port()};
    const std::string before = std::getenv("SOCKET_MANAGER"), after = copy_of("SOCKET_MANAGER", "installed.so");
    std::string configuration = contents_of(host_.path("jabber.xml"));
    configuration.replace(configuration.find(before), before.size(), after);
    std::ofstream{host_.path("jabber.xml")} << configuration;
    kill(host_.pid(), SIGHUP);
    const auto deadline = soon();
    while (ctl({"status", "--json"}).output.find("\"swaps\":1") == std::string::npos && Clock::now() < deadline)
        continue;
    EXPECT_THAT(ctl({"status"}).output, ContainsRegex("swapped +1 time,"));
    EXPECT_THAT(maps(), AllOf(HasSubstr(after), Not(HasSubstr(before))));
    friends.expect_chat();
    friends.stop();
}

TEST_F(SwappedServer, StaysWithTheOldOneWhenTheNewOneIsBad)
{
    Friends friends{host_.port()};
    std::ofstream{host_.path("bad.so")} << "not a shared object";
    EXPECT_EQ(ctl({"swap", "c2s", host_.path("bad.so")}).status, 1);
    EXPECT_EQ(ctl({"swap", "c2s", std::getenv("SESSION_MANAGER")}).status, 1);
    friends.expect_chat();
    friends.stop();
}

} // namespace
} // namespace jabberd::test
