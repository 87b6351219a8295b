// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether a connection has gone silent: what was written to it is not acknowledged by the kernel at its other end.
#pragma once

#include "base/clock.h"

#include <cstdint>
#include <optional>

namespace jabberd::link {

// A peer that is stopped or busy has a kernel that acknowledges all the same; where that does not, the net is cut, and
// TCP sends again at intervals that double: it notices the end of a cut of 3 s only up to 3 s later.
class AckWatch {
public:
    // What the kernel says now of a connection: segments on their way, and the time since anything was acknowledged.
    void look(std::uint32_t unacknowledged, Duration last_acknowledgement, Time now);
    void look(int fd, Time now); // of a connected TCP socket

    bool is_silent() const { return silent_; }

private:
    std::optional<Time> waits_since_; // at each look since then something was on its way
    bool silent_ = false;
};

} // namespace jabberd::link
