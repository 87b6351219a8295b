// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether this process may be called what it is called: one process of a cluster has a name.
#pragma once

#include "base/clock.h"
#include "link/carrier/announcement.h"

#include <cstdint>

namespace jabberd::link {

// Where peers find each other by themselves, two processes of one name would both get what is sent to either. So the
// name is asked for before it is used: the process that has it objects, and of two that have it (the broker was in two
// halves), or that ask at the same moment, the one that has had it for longer keeps it. Time is passed in.
class NameClaim {
public:
    enum class State { Asking, Held, Refused };

    explicit NameClaim(std::uint64_t process) : process_(process) {}

    // A predecessor has had it for so long.
    void inherit(Time now, Duration held);

    // The broker is reached: others can hear us, and we them.
    void connected(Time now);
    void disconnected() { connected_ = false; }

    // Another process is called so, or asks whether it may. True: it should hear of us at once.
    bool hear(const Announcement &other, Time now);

    // Seldom enough for the clock to be read, often enough to see that this process was stopped.
    void tick(Time now);

    State state() const { return state_; }
    Duration held(Time now) const { return state_ == State::Held ? now - since_ : Duration{}; }

private:
    bool outlasts(const Announcement &other, Time now) const;

    const std::uint64_t process_;
    State state_ = State::Asking;
    bool connected_ = false;
    Time since_{};  // asks, has the name
    Time heard_{};  // of another process that has it
    Time ticked_{}; // last
};

} // namespace jabberd::link
