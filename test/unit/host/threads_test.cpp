// SPDX-License-Identifier: LGPL-2.1-or-later
// What several deliverers at once must not break; meant for the thread sanitizer as well.
#include "fake_service.h"
#include "host/swap/succession.h"
#include "host/trace/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <barrier>
#include <deque>
#include <thread>

namespace jabberd::host {
namespace {

constexpr int deliverers = 4;
constexpr int packets_each = 2000;

class Deliverers : public testing::TestWithParam<jabberd_thread_model> {
protected:
    // Deliverer d sends "d/0", "d/1", … to foo.com.
    void deliver_all(
        FakeService &from, const std::function<void()> &in_between = [] {})
    {
        std::barrier<> together{deliverers + 1};
        std::vector<std::jthread> threads;
        for (int d = 0; d < deliverers; ++d) {
            threads.emplace_back([&, d] {
                together.arrive_and_wait();
                for (int i = 0; i < packets_each; ++i) {
                    const std::string id = std::to_string(d) + "/" + std::to_string(i);
                    jabberd_packet packet = message("foo.com", "x@c2s");
                    packet.id = view(id);
                    from.deliver(packet);
                }
            });
        }
        together.arrive_and_wait();
        in_between();
    }

    // Notes the order of each deliverer's packets.
    jabberd_result note(const jabberd_packet &packet)
    {
        const std::string id{text(packet.id)};
        const auto d = static_cast<std::size_t>(id.front() - '0');
        const int number = std::stoi(id.substr(2));
        const std::lock_guard lock{mutex_};
        in_order_ = in_order_ && next_.at(d) == number;
        next_.at(d) = number + 1;
        return JABBERD_DONE;
    }

    void expect_all_in_order()
    {
        EXPECT_TRUE(in_order_);
        EXPECT_THAT(next_, testing::Each(packets_each));
    }

    Trace trace_;
    Router router_{trace_};
    FakeService c2s_{router_, "c2s", {"c2s"}};
    FakeService sessions_{router_, "sessions", {"foo.com"}, GetParam()};
    std::mutex mutex_;
    std::array<int, deliverers> next_{};
    bool in_order_ = true;
};

TEST_P(Deliverers, EachKeepsItsOrder)
{
    sessions_.on_packet = [this](const jabberd_packet &packet) { return note(packet); };
    c2s_.service.start();
    sessions_.service.start();
    deliver_all(c2s_);
    expect_all_in_order();
}

TEST_P(Deliverers, EachKeepsItsOrderAcrossTheStart)
{
    sessions_.on_packet = [this](const jabberd_packet &packet) { return note(packet); };
    c2s_.service.start();
    deliver_all(c2s_, [this] { sessions_.service.start(); });
    expect_all_in_order();
}

TEST_P(Deliverers, NoneIsInAHandlerThatIsDestroyed)
{
    std::atomic<bool> destroyed{false};
    std::atomic<bool> was_called_late{false};
    sessions_.on_packet = [&](const jabberd_packet &) {
        if (destroyed)
            was_called_late = true;
        return JABBERD_DONE;
    };
    c2s_.service.start();
    sessions_.service.start();
    deliver_all(c2s_, [&] {
        sessions_.service.destroy();
        destroyed = true;
    });
    EXPECT_FALSE(was_called_late);
    // Every packet was either taken or came back.
    EXPECT_EQ(sessions_.received().size() + c2s_.received().size(),
              static_cast<std::size_t>(deliverers * packets_each));
}

TEST_P(Deliverers, MayBeWatchedMeanwhile)
{
    c2s_.service.start();
    sessions_.service.start();
    deliver_all(c2s_, [this] {
        for (int i = 0; i < 20; ++i) {
            TraceListener listener{trace_, ""};
            listener.take();
        }
    });
    EXPECT_EQ(sessions_.received().size(), static_cast<std::size_t>(deliverers * packets_each));
}

TEST_P(Deliverers, NeverStayCongestedAfterTheLastReady)
{
    std::atomic<int> received{0};
    sessions_.on_packet = [&](const jabberd_packet &) {
        return ++received % 50 == 0 ? JABBERD_CONGESTED : JABBERD_DONE;
    };
    c2s_.service.start();
    sessions_.service.start();
    deliver_all(c2s_, [&] {
        while (received < deliverers * packets_each)
            sessions_.ready();
    });
    sessions_.ready();
    EXPECT_EQ(c2s_.deliver(message("foo.com", "x@c2s")), JABBERD_DELIVERED);
}

TEST_P(Deliverers, EachKeepsItsOrderAcrossSwaps)
{
    constexpr int swaps = 50;
    const auto take = [this](const jabberd_packet &packet) { return note(packet); };
    sessions_.on_packet = take;
    c2s_.service.start();
    sessions_.service.start();
    int failed = 0;
    std::deque<FakeComponent> line;
    deliver_all(c2s_, [&] {
        for (int i = 0; i < swaps; ++i) {
            // Each of the other thread model; every third one refuses, so that the one before it goes on.
            FakeComponent &next = line.emplace_back(i % 2 == 0 ? JABBERD_PARALLEL : JABBERD_SERIALIZED);
            next.on_packet = take;
            next.on_thaw = [i] { return i % 3 != 0; };
            Mistakes mistakes;
            failed += succeed(sessions_.service, next.component, jabberd_config{}, mistakes).is_done() ? 0 : 1;
        }
    });
    EXPECT_EQ(failed, (swaps + 2) / 3);
    expect_all_in_order();
    sessions_.service.destroy();
}

INSTANTIATE_TEST_SUITE_P(Router, Deliverers, testing::Values(JABBERD_SERIALIZED, JABBERD_PARALLEL),
                         [](const auto &model) {
                             return model.param == JABBERD_SERIALIZED ? "Serialized" : "Parallel";
                         });

TEST(Serialized, IsNeverEnteredTwiceNotEvenByItself)
{
    Trace trace;
    Router router{trace};
    FakeService echo{router, "echo", {"echo"}, JABBERD_SERIALIZED};
    int inside = 0;
    int deepest = 0;
    int left = 3;
    echo.on_packet = [&](const jabberd_packet &) {
        deepest = std::max(deepest, ++inside);
        if (left-- > 0)
            echo.deliver(message("echo", "echo"));
        --inside;
        return JABBERD_DONE;
    };
    echo.service.start();
    echo.deliver(message("echo", "echo"));
    EXPECT_EQ(echo.received().size(), 4u);
    EXPECT_EQ(deepest, 1);
}

} // namespace
} // namespace jabberd::host
