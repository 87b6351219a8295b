// SPDX-License-Identifier: LGPL-2.1-or-later
// The way out: host->deliver(), and what is known about the congestion behind it.
#pragma once

#include <jabberd/host.h>

#include <atomic>
#include <cstdint>
#include <mutex>

namespace jabberd::session_manager {

// [any-thread] Call without a lock held: delivering may call our own handler before it returns.
class Outlet {
public:
    explicit Outlet(const jabberd_host &host) : host_(host) {}

    void deliver(const jabberd_packet &packet);

    // Some destination is congested: our own handler passes that on to the components that send to us.
    bool full() const { return full_; }
    void resume();

private:
    const jabberd_host &host_;
    std::mutex mutex_; // taken only when congestion begins or ends
    std::atomic<std::uint64_t> resumes_ = 0;
    std::atomic<bool> full_ = false;
};

} // namespace jabberd::session_manager
