// SPDX-License-Identifier: LGPL-2.1-or-later
// Sockets in one process, sessions in another, and a link between them.
#include "support/friends.h"
#include "support/linked_host.h"

#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <thread>

namespace jabberd::test {
namespace {

using testing::HasSubstr;

std::string section(std::uint16_t port, const std::string &peer, std::uint16_t there)
{
    return "<tcp><listen port='" + std::to_string(port) +
           "'>127.0.0.1</listen><secret>a secret of the cluster</secret>" + "<peer name='" + peer + "' port='" +
           std::to_string(there) + "'>127.0.0.1</peer></tcp>";
}

class LinkedHosts : public testing::Test {
protected:
    LinkedHosts() { wait_until_linked(); }

    void wait_until_linked() const
    {
        front_.wait_for_status("names 1");
        back_.wait_for_status("names 1");
    }

    const std::uint16_t ports_[2] = {free_port(), free_port()};
    LinkedHost front_{{LinkedHost::Role::Sockets, "front", section(ports_[0], "back", ports_[1])}};
    LinkedHost back_{{LinkedHost::Role::Sessions, "back", section(ports_[1], "front", ports_[0])}};
};

TEST_F(LinkedHosts, ClientsChatAcrossThem)
{
    Process trace{front_.ctl_command({"trace"})};
    ASSERT_TRUE(trace.wait_for("tracing"));
    Friends friends{front_.port()};
    friends.expect_chat();
    friends.stop();
    EXPECT_THAT(front_.ctl({"status"}).output, HasSubstr("peer back"));
    EXPECT_TRUE(trace.wait_for("c2s → link/back <message"));
    EXPECT_TRUE(trace.wait_for("link/back → c2s <message"));
}

TEST_F(LinkedHosts, EitherLinkIsSwappedTenTimesWhileTheyChat)
{
    Friends friends{front_.port()};
    for (int i = 0; i < 10; ++i) {
        for (const LinkedHost *host : {&front_, &back_}) {
            const std::string file = host->path("link-" + std::to_string(i) + ".so");
            std::filesystem::copy_file(std::getenv("LINK"), file);
            const Result swapped = host->ctl({"swap", "link", file});
            EXPECT_EQ(swapped.status, 0) << swapped.output << host->log();
        }
        friends.expect_chat();
    }
    friends.stop();
    EXPECT_THAT(front_.log() + back_.log(), testing::Not(HasSubstr("given up")));
}

TEST_F(LinkedHosts, ClientsAreToldWhenTheirSessionManagerIsKilledAndComeBack)
{
    {
        User ann{front_.port(), "ann"};
        back_.kill();
        EXPECT_NE(ann.client().wait_for_ending(), Client::Ending::Open);
        EXPECT_THAT(ann.client().received(), HasSubstr("<remote-connection-failed"));
    }
    back_.start();
    wait_until_linked();
    Friends friends{front_.port()};
    friends.expect_chat();
    friends.stop();
}

TEST_F(LinkedHosts, AProcessThatWasStoppedForLongBeginsAnewBeforeItReadsWhatCameMeanwhile)
{
    User ann{front_.port(), "ann"};
    kill(front_.pid(), SIGSTOP);
    back_.wait_for_status("ended 1");
    kill(front_.pid(), SIGCONT);
    EXPECT_NE(ann.client().wait_for_ending(), Client::Ending::Open);
    EXPECT_TRUE(front_.wait_for_log("this process was stopped for "));
    wait_until_linked();
    Friends friends{front_.port()};
    friends.expect_chat();
    friends.stop();
}

TEST_F(LinkedHosts, ASessionManagerIsToldWhenTheSocketsAreKilled)
{
    User ann{front_.port(), "ann"}, ben{front_.port(), "ben"};
    front_.kill();
    back_.wait_for_status("ended 2");
    front_.start();
    wait_until_linked();
    User again{front_.port(), "ann"};
    again.say(again.address(), "hello");
    EXPECT_EQ(again.hear(), (User::Message{again.address(), "hello"}));
}

} // namespace
} // namespace jabberd::test
