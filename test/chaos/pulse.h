// SPDX-License-Identifier: LGPL-2.1-or-later
// Two friends who chat while something else goes on: how long their messages take, and whether one is missing.
#pragma once

#include "support/user.h"

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace jabberd::chaos {

class Pulse {
public:
    // On a thread of its own until stop(): some fifty times in a second one friend says something, and the other
    // answers.
    explicit Pulse(std::uint16_t port);
    ~Pulse() { stop(); }

    struct Figures {
        std::size_t rounds = 0;
        double p50_ms = 0, p99_ms = 0;
    };
    Figures take(); // of the rounds since the last call

    // From now until a round takes no longer than that.
    std::chrono::milliseconds wait_for_a_round_of(double ms);

    // A test failure when a message was missing or out of order.
    void stop();

private:
    void beat();

    test::User one_, two_;
    std::mutex mutex_;
    std::vector<double> rounds_; // in ms
    std::string complaint_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

} // namespace jabberd::chaos
