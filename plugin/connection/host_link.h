// SPDX-License-Identifier: LGPL-2.1-or-later
// The way from the connections to the host: packets, congestion, log lines.
#pragma once

#include <jabberd/host.h>

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::connection {

struct LogField {
    const char *name;
    std::string_view value;
};

// Thread-safe. Borrows the host.
class HostLink {
public:
    explicit HostLink(const jabberd_host &host) : host_(host) {}

    // Hands a packet to the router. Whatever belongs to the caller may have changed when it returns: the answer may
    // have come meanwhile.
    void deliver(const jabberd_packet &packet);

    // A session packet that cannot be delivered goes back as a 510; a 510, and what has no sender, ends here.
    void return_packet(const jabberd_packet &packet);

    // Whether a session manager of that name takes no more for now: none of its clients is read from until it is
    // resumed. One atomic load while no session manager is full.
    bool full(std::string_view session_manager) const
    {
        return is_any_full_.load(std::memory_order_relaxed) && is_among_full(session_manager);
    }
    bool any_full() const { return is_any_full_.load(std::memory_order_relaxed); }
    void resumed(); // all of them
    void resumed(std::string_view session_manager);

    // For a swap. A predecessor was told so of these; of none: it kept no session managers apart, and all are full
    // until any resume.
    std::vector<std::string> full_names() const;
    void begin_full(std::vector<std::string> names);

    void log(jabberd_log_level level, std::string_view message, std::initializer_list<LogField> fields = {});

private:
    bool is_among_full(std::string_view session_manager) const;

    const jabberd_host &host_;
    std::atomic<bool> is_any_full_{false};

    // Resumes: one that overtakes the FULL it belongs to must not be lost.
    std::atomic<std::uint64_t> resumes_{0};
    mutable std::mutex mutex_;      // for what follows, and for changes of what is above
    std::vector<std::string> full_; // few
    bool are_all_full_ = false;
};

} // namespace jabberd::connection
