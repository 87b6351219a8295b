// SPDX-License-Identifier: LGPL-2.1-or-later
// Shows every packet, as it is routed, to all listeners, and never waits for one.
#pragma once

#include "base/unique_fd.h"

#include <jabberd/packet.h>

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::host {

class TraceListener;

class Trace {
public:
    Trace();

    // [any-thread] Whether there is a listener: one relaxed load, for every packet.
    bool active() const { return active_.load(std::memory_order_relaxed); }

    // [any-thread] The ids of both services, empty for the host itself and where there is none; with the peer that is
    // beyond a service. What is beyond the host goes by its name.
    void show(std::string_view from, std::string_view to, const jabberd_packet &packet);

    // Readable when a listener may have lines; for a main loop. acknowledge() before taking them.
    int descriptor() const { return wake_.get(); }
    void acknowledge();

private:
    friend class TraceListener;

    UniqueFd wake_;
    std::atomic<bool> active_{false};
    std::mutex mutex_; // for the list and all that is in the listeners
    std::vector<TraceListener *> listeners_;
};

// Listens from its construction to its destruction.
class TraceListener {
public:
    // Only packets whose shown text, or whose source or destination, holds `filter`.
    TraceListener(Trace &trace, std::string filter);
    ~TraceListener();
    TraceListener(const TraceListener &) = delete;
    TraceListener &operator=(const TraceListener &) = delete;

    // What came since the last take(): one JSON object a line, {"time","from","to","packet"}, and {"lost":n} where n
    // lines had no room.
    std::string take();

private:
    friend class Trace;

    Trace &trace_;
    const std::string filter_;
    std::string lines_;
    std::uint64_t lost_ = 0;
};

} // namespace jabberd::host
