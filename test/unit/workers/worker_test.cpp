// SPDX-License-Identifier: LGPL-2.1-or-later
// A worker and the threads that talk to it. Run it under the thread sanitizer too.
#include "workers/worker.h"

#include "base/view.h"
#include "packet/notice.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

namespace jabberd::workers {
namespace {

// Packets for connections that are gone come back through this host, on whatever thread found that out.
class Workers : public testing::Test {
protected:
    Workers()
    {
        host_.size = sizeof host_;
        host_.host_data = this;
        host_.deliver = [](const jabberd_host *host, const jabberd_packet *packet) {
            auto &self = *static_cast<Workers *>(host->host_data);
            self.returned_ += packet::is_disconnected(*packet);
            if (present(packet->id))
                self.last_id_ = text(packet->id);
            return JABBERD_DELIVERED;
        };
        host_.log = [](const jabberd_host *, const jabberd_log_record *) {};
    }

    static jabberd_packet packet()
    {
        jabberd_packet packet{};
        packet.size = sizeof packet;
        packet.name = view("message");
        packet.sto = view("7@c2s/1");
        packet.sfrom = view("alice@foo.com/r"); // of a session that a 510 can end: it comes as often as it likes
        return packet;
    }

    SystemClock clock_;
    jabberd_host host_{};
    std::atomic<int> returned_{0};
    std::string last_id_; // of one that came back
    connection::Shared shared_{host_, clock_};
    std::shared_ptr<const config::Options> options_ = std::make_shared<config::Options>();
};

TEST_F(Workers, RunAtOnceOnTheirOwnThread)
{
    Worker worker{shared_, options_, 0, 1};
    worker.start();
    std::thread::id outer, inner;
    bool at_once = false;
    worker.run_and_wait([&] {
        outer = std::this_thread::get_id();
        worker.run([&] {
            inner = std::this_thread::get_id();
            at_once = true;
        });
        EXPECT_TRUE(at_once);
    });
    EXPECT_EQ(outer, inner);
    EXPECT_NE(outer, std::this_thread::get_id());
}

TEST_F(Workers, RunOnTheCallersThreadWhileTheyHaveNone)
{
    Worker worker{shared_, options_, 0, 1};
    std::thread::id where;
    worker.run_and_wait([&] { where = std::this_thread::get_id(); });
    EXPECT_EQ(where, std::this_thread::get_id());
}

TEST_F(Workers, ReturnPacketsForConnectionsThatAreGoneFromAnyThread)
{
    constexpr int threads = 4, each = 2000;
    Worker worker{shared_, options_, 0, 1};
    worker.start();
    std::vector<std::thread> senders;
    for (int i = 0; i < threads; ++i) {
        senders.emplace_back([&] {
            for (int n = 0; n < each; ++n)
                worker.receive({static_cast<std::uint32_t>(n), 1}, packet(), false);
        });
    }
    for (std::thread &sender : senders)
        sender.join();
    worker.run_and_wait([] {});
    EXPECT_EQ(returned_, threads * each);
}

// A session manager that is given one by each of two threads, and delivers them in this order.
TEST_F(Workers, DeliverTheirOwnPacketsBehindThoseThatWereDeliveredBefore)
{
    Worker worker{shared_, options_, 0, 1};
    worker.start();
    worker.run_and_wait([&] {
        jabberd_packet first = packet(), second = packet();
        first.id = view("first");
        second.id = view("second");
        std::thread{[&] { worker.receive({1, 1}, first, false); }}.join();
        worker.receive({1, 1}, second, false);
    });
    worker.run_and_wait([] {});
    EXPECT_EQ(returned_, 2);
    EXPECT_EQ(last_id_, "second");
}

TEST_F(Workers, MayBePostedToFromTheirFirstMoment)
{
    for (int i = 0; i < 200; ++i) {
        Worker worker{shared_, options_, 0, 1};
        int ran = 0;
        worker.run(
            [&] { worker.run([&] { ++ran; }); }); // asks for the thread it runs on, while start() is still busy with it
        worker.start();
        worker.run_and_wait([&] { EXPECT_EQ(ran, 1); });
    }
}

TEST_F(Workers, AreEmptyWhenTheySaySo)
{
    Worker worker{shared_, options_, 0, 1};
    worker.start();
    std::atomic<bool> empty{false};
    worker.run_and_wait([&] { worker.when_empty([&] { empty = true; }); });
    worker.run_and_wait([] {}); // the next turn
    EXPECT_TRUE(empty);
}

} // namespace
} // namespace jabberd::workers
