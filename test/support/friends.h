// SPDX-License-Identifier: LGPL-2.1-or-later
// Two who chat while something else goes on, and notice everything that goes wrong between them.
#pragma once

#include "support/user.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace jabberd::test {

// On a thread of their own, from the beginning until stop(). Each message is answered by one, numbered.
class Friends {
public:
    explicit Friends(std::uint16_t port, const std::string &names = "friend");
    ~Friends() { stop(); }

    // A test failure when a message was missing, changed or out of order.
    void stop();

    std::uint64_t rounds() const { return rounds_; } // so far

    // Waits for a few more of them; a test failure when they do not come.
    void expect_chat() const;

private:
    void chat();

    User one_, other_;
    std::atomic<bool> stopping_ = false;
    std::atomic<std::uint64_t> rounds_ = 0;
    std::string complaint_;
    std::thread thread_;
};

} // namespace jabberd::test
