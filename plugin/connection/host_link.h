// SPDX-License-Identifier: LGPL-2.1-or-later
// The way from the connections to the host: packets, congestion, log lines.
#pragma once

#include <jabberd/host.h>

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <string_view>

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

    // The session manager's side is full: no client is read from until resumed() was called.
    bool full() const { return (congestion_.load(std::memory_order_relaxed) & 1) != 0; }
    void resumed();
    void begin_full() { congestion_ = 1; } // a predecessor was told so

    void log(jabberd_log_level level, std::string_view message, std::initializer_list<LogField> fields = {});

private:
    const jabberd_host &host_;
    std::atomic<std::uint64_t> congestion_{0}; // twice the number of resumes, + 1 while full: a resume that overtakes
                                               // the FULL it belongs to must not be lost
};

} // namespace jabberd::connection
