// SPDX-License-Identifier: LGPL-2.1-or-later
// One thread's event loop: descriptors, deadlines, and work that other threads send.
#pragma once

#include "base/clock.h"
#include "base/slots.h"
#include "base/unique_fd.h"
#include "event/timers.h"

#include <atomic>
#include <cstdint>
#include <memory>

namespace jabberd::event {

// Told when its descriptor is ready. It may remove, or have removed, any watch, its own too: no event of this turn
// reaches a removed one.
class Watched {
public:
    virtual void on_ready(std::uint32_t epoll_events) = 0;

protected:
    ~Watched() = default;
};

// Work posted to a loop. Run once on the loop's thread, then destroyed; destroyed unrun if the loop ends first.
class Task {
public:
    virtual ~Task() = default;
    virtual void run() = 0;

private:
    friend class Loop;
    Task *next_ = nullptr;
};

// Told when a turn has dispatched everything: the place to write what was queued, and to destroy what may not be
// destroyed inside a dispatch.
class TurnEnd {
public:
    virtual void on_turn_end() = 0;

protected:
    ~TurnEnd() = default;
};

// epoll, level-triggered. All but post() and stop() on the loop's own thread (before run(): on the thread that made
// it).
class Loop {
public:
    // Throws std::system_error when the process is out of descriptors, from `first_descriptor` on.
    Loop(const Clock &clock, TurnEnd &turn_end, int first_descriptor = 0);
    ~Loop();
    Loop(const Loop &) = delete;
    Loop &operator=(const Loop &) = delete;

    // Nothing (generation 0) when the kernel has no room for another watch.
    SlotId watch(int fd, std::uint32_t epoll_events, Watched &watched);
    void change(SlotId id, int fd, std::uint32_t epoll_events);
    void unwatch(SlotId id, int fd); // before the fd is closed

    Timers &timers() { return timers_; }
    Time now() const { return now_; } // since this turn's events came in

    // [any thread] In the order of each poster. A sleeping loop costs one eventfd write, a busy one none.
    void post(std::unique_ptr<Task> task);

    bool run_posted();         // while it does not run: tasks only, and the end of a turn. False: there were none
    void run();                // until stop()
    void stop();               // [any thread]
    void turn(bool may_sleep); // one turn; run() is made of these

private:
    void wait(int timeout_ms);
    void run_tasks();
    int timeout_ms(bool may_sleep) const;

    const Clock &clock_;
    TurnEnd &turn_end_;
    Time now_;
    Timers timers_;
    UniqueFd epoll_;
    UniqueFd wakeup_;
    Slots<Watched> watches_;
    std::atomic<Task *> posted_{nullptr}; // newest first
    std::atomic<bool> asleep_{false};
    std::atomic<bool> stop_{false};
};

} // namespace jabberd::event
