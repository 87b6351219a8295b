// SPDX-License-Identifier: LGPL-2.1-or-later
// All the deadlines of a connection, on one timer.
#pragma once

#include "base/clock.h"
#include "event/timers.h"
#include "handover/state.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace jabberd::connection {

enum class Deadline : std::uint8_t {
    End,       // of the login; of a stream that closes, for the client to read our last words
    Features,  // for the session manager to say what it offers
    Element,   // for what the client has begun to send
    Progress,  // for a client that is over its budget to read something
    Throttle,  // not a deadline but a pause: nothing is read before
    Keepalive, // for something to be written
};
inline constexpr std::size_t deadline_count = 6;

// Activity does not move the timer: when it fires too early, it is set again.
class Deadlines final : private event::Timer {
public:
    class Listener {
    public:
        // At least one of them may have passed. The timer is not armed.
        virtual void on_deadline() = 0;

    protected:
        ~Listener() = default;
    };

    // Both borrowed for life.
    Deadlines(event::Timers &timers, Listener &listener) : timers_(timers), listener_(listener) { at_.fill(never); }

    Time operator[](Deadline which) const { return at_[index(which)]; }
    bool has(Deadline which) const { return at_[index(which)] != never; }
    bool passed(Deadline which, Time now) const { return now >= at_[index(which)]; }

    // Tells when it has passed, but not before the next arm().
    void set(Deadline which, Time at) { at_[index(which)] = at; }
    void clear(Deadline which) { at_[index(which)] = never; }

    // Sets the timer for the next of them.
    void arm();
    using event::Timer::cancel;

    void save(handover::ConnectionState &state) const;
    void restore(const handover::ConnectionState &state);

private:
    static constexpr std::size_t index(Deadline which) { return static_cast<std::size_t>(which); }
    void on_timer() override { listener_.on_deadline(); }

    event::Timers &timers_;
    Listener &listener_;
    std::array<Time, deadline_count> at_;
};

} // namespace jabberd::connection
