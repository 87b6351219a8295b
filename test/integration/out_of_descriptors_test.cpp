// SPDX-License-Identifier: LGPL-2.1-or-later
// More clients than there are descriptors: friends go on, the operator's tools work, and who waits is served in the
// end.
#include "support/environment.h"
#include "support/friends.h"
#include "support/running_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <vector>

namespace jabberd::test {
namespace {

using testing::HasSubstr;

constexpr const char *header =
    "<stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

class OutOfDescriptors : public testing::Test {
protected:
    // Twice as many clients as it may have.
    void crowd_in()
    {
        for (int i = 0; i < 400; ++i) {
            waiting_.push_back(std::make_unique<Client>(host_.port(), "127.0.1." + std::to_string(1 + i % 200)));
            waiting_.back()->send(header);
        }
        EXPECT_TRUE(host_.wait_for_counter("accept pauses", 1));
    }

    Result ctl(const std::vector<std::string> &arguments) { return run(host_.ctl(arguments)); }

    RunningHost host_{{.sockets = "<limits><connections-per-address>0</connections-per-address><attempts-per-second>0"
                                  "</attempts-per-second></limits>",
                       .before = "ulimit -n 200; "}};
    Friends friends_{host_.port()};
    std::vector<std::unique_ptr<Client>> waiting_;
};

TEST_F(OutOfDescriptors, TheOperatorCanDoEverything)
{
    crowd_in();
    EXPECT_EQ(ctl({"status"}).status, 0);
    EXPECT_EQ(ctl({"sessions"}).status, 0);
    Process trace{host_.ctl({"trace"})};
    EXPECT_TRUE(trace.wait_for("tracing"));
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(ctl({"reload"}).status, 0);
        const std::string next = host_.path("next-" + std::to_string(i) + ".so");
        std::filesystem::copy_file(needed_environment("SOCKET_MANAGER"), next);
        const Result swap = ctl({"swap", "c2s", next});
        EXPECT_EQ(swap.status, 0) << swap.output;
    }
    const std::uint64_t before = friends_.rounds();
    while (friends_.rounds() < before + 100 && !HasFailure())
        std::this_thread::yield();
    // Nobody who waited was turned away.
    for (const auto &client : waiting_) {
        client->collect();
        EXPECT_EQ(client->ending(), Client::Ending::Open);
    }
    friends_.stop();
    EXPECT_EQ(ctl({"stop"}).status, 0);
}

TEST_F(OutOfDescriptors, WhoWaitsIsServedWhenThereIsRoom)
{
    crowd_in();
    for (std::size_t i = 0; i < 300; ++i)
        waiting_[i]->close();
    for (std::size_t i = 300; i < waiting_.size() && !HasFailure(); ++i)
        EXPECT_TRUE(waiting_[i]->receive().has_value()) << i;
    friends_.stop();
}

} // namespace
} // namespace jabberd::test
