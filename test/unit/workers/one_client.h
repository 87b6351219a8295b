// SPDX-License-Identifier: LGPL-2.1-or-later
// One client on one worker, for tests in which time passes. The clock is held: no test waits for it.
#pragma once

#include "base/view.h"
#include "workers/worker.h"

#include <gtest/gtest.h>

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <string>
#include <vector>

namespace jabberd::workers {

using namespace std::chrono_literals;

class HeldClock final : public Clock {
public:
    Time now() const override { return Time{now_.load()}; }
    void pass(Duration duration) { now_ = now_.load() + duration; }

private:
    std::atomic<Duration> now_{1h};
};

// One client on one worker, and a host that accepts every login at once.
class OneClient : public testing::Test {
protected:
    OneClient()
    {
        host_.size = sizeof host_;
        host_.host_data = this;
        host_.deliver = [](const jabberd_host *host, const jabberd_packet *packet) {
            auto &self = *static_cast<OneClient *>(host->host_data);
            self.answer(*packet);
            return self.full_ ? JABBERD_FULL : JABBERD_DELIVERED;
        };
        host_.log = [](const jabberd_host *, const jabberd_log_record *) {};
        options_->host = "c2s";
        options_->authtime = 60s;
        options_->heartbeat = 180s;
        options_->limits.memory = 100'000;
        shared_.use(options_->limits);

        std::array<int, 2> ends;
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
        client_ = UniqueFd{ends[0]};
        worker_.start();
        ++shared_.connections;
        worker_.adopt({UniqueFd{ends[1]}, {}});
        settle();
    }

    void answer(const jabberd_packet &packet)
    {
        delivered_ += 1;
        if (text(packet.name) != "iq" || silent_)
            return;
        jabberd_packet result = packet;
        result.type = refuses_ ? view("error") : view("result");
        result.sto = packet.sfrom;
        result.sfrom = view("alice@foo.com/r");
        result.body = view(features_);
        connection_ = text(result.sto);
        const Place place = place_of(parse_connection_address(text(result.sto)).value(), 1);
        worker_.receive(place.slot, result, false);
    }

    // Whatever the worker had to do at this moment is done: the first turn sees the time and what came, the second ends
    // what the first began.
    void settle()
    {
        for (int turn = 0; turn < 3; ++turn)
            worker_.run_and_wait([] {});
    }

    void say(std::string_view words)
    {
        ASSERT_EQ(send(client_.get(), words.data(), words.size(), MSG_NOSIGNAL), static_cast<ssize_t>(words.size()));
        settle();
    }

    void log_in()
    {
        say("<stream:stream to='foo.com' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>");
        say("<iq type='set' id='1'><query xmlns='jabber:iq:auth'/></iq>");
        ASSERT_NE(heard().find("<iq id='1' type='result'/>"), std::string::npos);
    }

    void pass(Duration duration)
    {
        clock_.pass(duration);
        settle();
    }

    // All that has come since the last time.
    std::string heard()
    {
        std::string all;
        std::array<char, 4096> some;
        for (ssize_t got; (got = recv(client_.get(), some.data(), some.size(), 0)) > 0;)
            all.append(some.data(), static_cast<std::size_t>(got));
        return all;
    }

    std::size_t connections()
    {
        std::size_t count = 0;
        worker_.run_and_wait([&] { count = worker_.size(); });
        return count;
    }

    HeldClock clock_;
    std::string connection_; // that logged in
    jabberd_host host_{};
    std::atomic<int> delivered_{0};
    std::atomic<bool> silent_{false}; // answers nothing
    std::atomic<bool> full_{false};
    std::atomic<bool> refuses_{false};
    std::string features_; // what it offers; before the first question
    connection::Shared shared_{host_, clock_};
    std::shared_ptr<config::Options> options_ = std::make_shared<config::Options>();
    UniqueFd client_;
    Worker worker_{shared_, options_, 0, 1};
};

} // namespace jabberd::workers
