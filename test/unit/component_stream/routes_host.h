// SPDX-License-Identifier: LGPL-2.1-or-later
// A host that gives names to whoever claims them, and remembers everything.
#pragma once

#include "base/host_name.h"
#include "base/owned_packet.h"
#include "support/patience.h"

#include <jabberd/component.h>
#include <jabberd/handover.h>
#include <jabberd/routes.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace jabberd::test {

class RoutesHost {
public:
    explicit RoutesHost(std::string id = "components");
    RoutesHost(const RoutesHost &) = delete;
    RoutesHost &operator=(const RoutesHost &) = delete;

    const jabberd_host *host() const { return &host_; }
    const jabberd_routes *routes() const { return &routes_; }

    jabberd_result handle(const std::string &xml); // a packet for the component
    std::optional<std::string> next();             // the next that it has delivered, as XML; waits
    std::vector<std::string> delivered() const;    // those that next() has not given

    // Names it has now; waits until there are so many.
    std::set<std::string> claimed(std::size_t count);
    std::vector<std::string> congestion() const { return locked(congestion_); } // "congested NAME", "ready NAME"
    std::vector<std::string> logs() const { return locked(logs_); }
    std::vector<std::string> reports() const { return locked(reports_); }
    bool wait_for_log(const std::string &part);

    std::set<std::string> taken;                // by other services
    std::function<void()> on_ready, on_deliver; // set while nothing is on its way
    std::atomic<jabberd_delivery> delivery = JABBERD_DELIVERED;
    bool succession = false;
    jabberd_handler handler = nullptr;
    void *handler_data = nullptr;

private:
    template <typename List>
    List locked(const List &list) const
    {
        const std::lock_guard lock{mutex_};
        return list;
    }
    template <typename Condition>
    bool wait(std::unique_lock<std::mutex> &lock, const Condition &condition)
    {
        return changed_.wait_until(lock, soon(), condition);
    }

    jabberd_host host_{};
    jabberd_routes routes_{};
    const std::string id_;
    const char *name_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> delivered_;
    std::size_t given_ = 0;
    std::set<std::string> claimed_;
    std::vector<std::string> congestion_, logs_, reports_;
};

} // namespace jabberd::test
