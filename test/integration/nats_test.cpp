// SPDX-License-Identifier: LGPL-2.1-or-later
// Hosts that find each other over a broker.
#include "support/broker.h"
#include "support/friends.h"
#include "support/linked_host.h"

#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <optional>
#include <thread>

namespace jabberd::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Role = LinkedHost::Role;

std::ptrdiff_t threads_of(pid_t pid)
{
    return std::distance(std::filesystem::directory_iterator{"/proc/" + std::to_string(pid) + "/task"}, {});
}

class HostsAtABroker : public testing::Test {
protected:
    void SetUp() override
    {
        if (!Broker::available())
            GTEST_SKIP() << "nats-server is not installed, or this build is without libnats";
        broker_.emplace();
        front_.emplace(LinkedHost::Settings{Role::Sockets, "front", broker_->section()});
        back_.emplace(LinkedHost::Settings{Role::Sessions, "back", broker_->section()});
        wait_until_linked();
    }

    void wait_until_linked() const
    {
        front_->wait_for_status("names 1");
        back_->wait_for_status("names 1");
    }

    void expect_nobody_was_given_up() const { EXPECT_THAT(front_->log() + back_->log(), Not(HasSubstr("given up"))); }

    std::optional<Broker> broker_;
    std::optional<LinkedHost> front_, back_;
};

TEST_F(HostsAtABroker, FindEachOtherAndTheirClientsChat)
{
    Friends friends{front_->port()};
    friends.expect_chat();
    friends.stop();
    EXPECT_THAT(front_->ctl({"status"}).output,
                AllOf(HasSubstr("peer back"), HasSubstr("NATS 127.0.0.1:"), HasSubstr(" inbox jabberd.inbox.back")));
}

TEST_F(HostsAtABroker, LoseNothingWhenTheBrokerIsKilledAndComesBack)
{
    Friends friends{front_->port()};
    for (unsigned i = 0; i < 3; ++i) {
        friends.expect_chat();
        broker_->kill();
        EXPECT_TRUE(front_->wait_for_log("the broker cannot be reached", i + 1));
        broker_->start();
        wait_until_linked();
    }
    friends.expect_chat();
    friends.stop();
    expect_nobody_was_given_up();
}

TEST_F(HostsAtABroker, EndSessionsWhenTheBrokerHangsForLong)
{
    {
        User ann{front_->port(), "ann"};
        broker_->hang();
        EXPECT_NE(ann.client().wait_for_ending(), Client::Ending::Open);
        broker_->go_on();
    }
    wait_until_linked();
    Friends friends{front_->port()};
    friends.expect_chat();
    friends.stop();
}

TEST_F(HostsAtABroker, AreSwappedTwentyTimesWhileTheirClientsChat)
{
    Friends friends{front_->port()};
    friends.expect_chat();
    const std::ptrdiff_t threads = threads_of(front_->pid());
    for (int i = 0; i < 20; ++i) {
        for (const LinkedHost *host : {&*front_, &*back_}) {
            const std::string file = host->path("link-" + std::to_string(i) + ".so");
            std::filesystem::copy_file(std::getenv("LINK"), file);
            const Result swapped = host->ctl({"swap", "link", file});
            EXPECT_EQ(swapped.status, 0) << swapped.output << host->log();
        }
        friends.expect_chat();
    }
    friends.stop();
    expect_nobody_was_given_up();
    const auto deadline = soon();
    while (threads_of(front_->pid()) > threads && Clock::now() < deadline) // libnats' end when they like
        std::this_thread::yield();
    EXPECT_EQ(threads_of(front_->pid()), threads);
    front_->stop(); // with the unload of the last one
    back_->stop();
}

TEST_F(HostsAtABroker, GiveUpAPeerThatIsKilledAndFindItAgain)
{
    {
        User ann{front_->port(), "ann"};
        back_->kill();
        EXPECT_NE(ann.client().wait_for_ending(), Client::Ending::Open);
        EXPECT_THAT(ann.client().received(), HasSubstr("<remote-connection-failed"));
        EXPECT_TRUE(front_->wait_for_log("nobody is there"));
    }
    back_->start();
    wait_until_linked();
    Friends friends{front_->port()};
    friends.expect_chat();
    friends.stop();
}

TEST_F(HostsAtABroker, RefuseASecondProcessOfOneName)
{
    Friends friends{front_->port()};
    LinkedHost::Settings same{Role::Sessions, "back", broker_->section(), "elsewhere"};
    LinkedHost second{same};
    EXPECT_TRUE(second.wait_for_log("another process of this cluster is called back already"));
    friends.expect_chat();
    friends.stop();
    expect_nobody_was_given_up();
    EXPECT_THAT(second.ctl({"status"}).output, Not(HasSubstr("peer front: up")));
}

// As between machines: each host at the broker of its own, which is a leaf node of one in the middle.
TEST(HostsAtLeafNodes, FindEachOtherAndDoSoAgainWhenTheBrokerInTheMiddleIsBack)
{
    if (!Broker::available())
        GTEST_SKIP() << "nats-server is not installed, or this build is without libnats";
    Broker middle;
    const Broker front_leaf{middle}, back_leaf{middle};
    const LinkedHost front{{Role::Sockets, "front", front_leaf.section()}},
        back{{Role::Sessions, "back", back_leaf.section()}};
    const auto expect_chat = [&] {
        front.wait_for_status("names 1");
        back.wait_for_status("names 1");
        Friends friends{front.port()};
        friends.expect_chat();
        friends.stop();
    };
    expect_chat();
    {
        User ann{front.port(), "ann"};
        middle.kill();
        EXPECT_NE(ann.client().wait_for_ending(), Client::Ending::Open);
        EXPECT_TRUE(front.wait_for_log("link to back given up"));
    }
    middle.start();
    expect_chat();
}

TEST(AHostAtABroker, ThatHasAWrongPasswordSaysSoAndTriesSeldom)
{
    if (!Broker::available())
        GTEST_SKIP() << "nats-server is not installed, or this build is without libnats";
    const Broker broker;
    const LinkedHost host{{Role::Sockets, "front", broker.section("a wrong one")}};
    EXPECT_TRUE(host.wait_for_log("next try in 2 s"));
    EXPECT_THAT(host.log(), AllOf(HasSubstr("the broker refuses this process: Authorization Violation"),
                                  Not(HasSubstr("a wrong one"))));
}

} // namespace
} // namespace jabberd::test
