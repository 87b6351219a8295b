// SPDX-License-Identifier: LGPL-2.1-or-later
// One host of a cluster, with a link in it; the test is all its other services.
#pragma once

#include "base/owned_packet.h"
#include "stub/config_tree.h"

#include <jabberd/component.h>
#include <jabberd/handover.h>
#include <jabberd/routes.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::link::test {

// One that nobody listens at.
std::uint16_t free_port();

class Member {
public:
    // Answers for the names; `section` is the content of <link/>. Creates and starts it.
    Member(std::vector<std::string> names, const std::string &section);
    ~Member();
    Member(const Member &) = delete;
    Member &operator=(const Member &) = delete;

    // From a service here. What the link has to do with it.
    jabberd_result send(std::string_view xml);
    jabberd_result send(const jabberd_packet &packet);

    // A packet has come for a service here; canonical. Waits.
    std::string next();
    std::size_t arrived() const;

    bool wait_for_claim(const std::string &name, bool claimed = true);
    bool wait_for_line(std::string_view part); // of the log
    bool wait_for_congestion(const std::string &name, bool congested = true);
    bool wait_for(const std::function<bool()> &condition); // with the lock held
    std::size_t lines_with(std::string_view part) const;
    std::string log() const;
    std::string status();

    void set_full(bool full) { full_ = full; }
    void resume(const std::string &name);
    void add_name(const std::string &name);

    bool reload(const std::string &section);
    void die();  // without a word: its sockets are closed, its packets are gone
    void live(); // again, as at first
    void swap(const std::string &section = "");
    std::vector<std::string> reports() const;
    bool created() const { return instance_ != nullptr; }

private:
    void create(const std::string &section, bool succeeds);
    static Member &of(const jabberd_host *host) { return *static_cast<Member *>(host->host_data); }
    jabberd_delivery deliver(const jabberd_packet &packet);
    const jabberd_handover &handover(jabberd_instance *instance) const;

    std::set<std::string> names_;
    std::string section_;
    jabberd_host host_{};
    jabberd_routes routes_{};
    jabberd_instance *instance_ = nullptr;
    jabberd_handler handler_ = nullptr;
    void *data_ = nullptr;
    bool succeeds_ = false;
    std::atomic<bool> full_{false}, dead_{false};

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> packets_;
    std::size_t next_ = 0;
    std::set<std::string> claimed_, congested_;
    std::vector<std::string> log_, reports_;
};

} // namespace jabberd::link::test
