// SPDX-License-Identifier: LGPL-2.1-or-later
// The embedded session manager behind the component, in place of the test.
#pragma once

#include "stub/stub_host.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>

namespace jabberd::test {

// Takes what the component sends to foo.com, and gives it what it is answered; neither is recorded.
class SessionsBehind {
public:
    // `directory` is where it may keep its accounts. Throws std::runtime_error when it does not start.
    SessionsBehind(const std::string &session_manager_path, const std::string &directory, Stub &front);
    SessionsBehind(const SessionsBehind &) = delete;
    SessionsBehind &operator=(const SessionsBehind &) = delete;

    // Packets for the component wait in between, while it is swapped and when it goes.
    void hold();
    void release();

    // Returns when all that has reached it is dealt with.
    void settle();

private:
    bool take(const Delivered &delivered);
    bool answer(const Delivered &delivered);

    Stub &front_;
    std::mutex mutex_; // guards the next three
    bool held_ = false;
    unsigned passing_ = 0; // on their way into the component
    std::deque<OwnedPacket> waiting_;
    std::condition_variable passed_;
    StubHost sessions_; // last: its threads use the rest
};

} // namespace jabberd::test
