// SPDX-License-Identifier: LGPL-2.1-or-later
// One thread's event loop: descriptors, deadlines, and work that other threads send.
#pragma once

#include "base/clock.h"
#include "base/slots.h"
#include "base/tally.h"
#include "base/unique_fd.h"
#include "event/timers.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

struct epoll_event;

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

// Told of the turns of a loop.
class Turns {
public:
    // Before this turn's events: the place to go on with what the last turn had no time for.
    virtual void on_turn_begin() {}

    // Once in each turn that the loop's own thread has by itself, behind on_turn_begin(): not in one that is lent.
    virtual void on_own_turn() {}

    // Everything is dispatched: the place to write what was queued, and to destroy what may not be destroyed inside a
    // dispatch.
    virtual void on_turn_end() = 0;

    // Whether there is something to go on with: the loop does not sleep.
    virtual bool wants_a_turn() const { return false; }

protected:
    ~Turns() = default;
};

// epoll, level-triggered. All but post(), stop() and LentTurn on the loop's own thread (before run(): on the thread
// that made it), or on one that has a turn of it.
class Loop {
public:
    // Throws std::system_error when the process is out of descriptors, from `first_descriptor` on.
    Loop(const Clock &clock, Turns &turns, int first_descriptor = 0);
    ~Loop();
    Loop(const Loop &) = delete;
    Loop &operator=(const Loop &) = delete;

    // Nothing (generation 0) when the kernel has no room for another watch.
    SlotId watch(int fd, std::uint32_t epoll_events, Watched &watched);
    void change(SlotId id, int fd, std::uint32_t epoll_events);
    void unwatch(SlotId id, int fd); // before the fd is closed

    Timers &timers() { return timers_; }
    Time now() const { return now_; } // since this turn's events came in

    // Nanoseconds that it did not sleep. A turn that was lent is not in it, one of an inner loop is. Read by any
    // thread; a successor goes on with it.
    Tally &busy() { return busy_; }

    // [any thread] Whether the caller has a turn of it: is its thread, for the time being.
    bool has_turn() const { return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id(); }

    // A loop without a thread of its own can be nested in another one, whose thread gives it turns inside of its own:
    // when a descriptor is ready there, a deadline has come, or there are tasks. Such a turn lasts until that of the
    // outer loop ends, so what is done for one connection from several sides is still written once. In a turn of the
    // outer loop, or while neither runs.
    // False: the kernel has no room for another watch. What has been nested before keeps its place.
    bool nest(Loop &inner);
    void unnest(Loop &inner); // something else gives it turns from here on
    void unnest_all();        // and forgets their places: they may be destroyed

    // [any thread] In the order of each poster. A sleeping loop costs one eventfd write, a busy one none.
    void post(std::unique_ptr<Task> task);

    bool run_posted();         // while it does not run: tasks only, and the end of a turn. False: there were none
    void run();                // until stop()
    void stop();               // [any thread]
    void forget_stop();        // before run(): one that came when it had ended already
    void turn(bool may_sleep); // one turn; run() is made of these

private:
    friend class LentTurn;
    class Nested;

    // So many turns in so long are lent: what a thread brings beyond that the loop does itself, beside that thread.
    static constexpr unsigned most_lent = 8;
    static constexpr Duration lent_in = std::chrono::microseconds{500};

    // More than a turn's worth waits in the kernel; taking it in slices keeps tasks and timers punctual. Many, so that
    // a thousand busy clients of one address, who share its part of a turn, are soon passed over.
    static constexpr int events_per_turn = 128;

    void dispatch(std::span<const epoll_event> events);
    void run_tasks();
    int timeout_ms(bool may_sleep);
    Time next_deadline(Time now) const;
    void was_busy_until(Time now);
    void lock_turn();
    void begin_turn(Time now);
    void finish_turn();
    enum class Turn { None, Lent, Entered };
    Turn lend() noexcept;
    bool may_lend(Time now);
    void take_back() noexcept;

    // nested_loop.cpp
    enum class Entry { Waits, Tries };
    Nested *place_of(const Loop &inner) const;
    bool enter(Loop &inner, Entry how);
    void enter_due();
    void leave(Loop &inner);
    void poll();
    bool inner_work() const; // there is some, without a descriptor or a deadline that says so
    Time inner_deadline() const;

    const Clock &clock_;
    Turns &turns_;
    Time now_;
    Timers timers_;
    UniqueFd epoll_;
    UniqueFd wakeup_;
    Slots<Watched> watches_;
    std::atomic<Task *> posted_{nullptr}; // newest first
    std::atomic<bool> asleep_{false};
    std::atomic<bool> stop_{false};
    std::mutex turn_;                       // of the thread that has a turn: the loop's, or one that has been lent it
    std::atomic<std::thread::id> thread_{}; // that one; none between two turns
    std::atomic<bool> lent_{false};         // to one that may come back here inside of its turn
    Tally busy_;
    Time sleeps_until_{};
    Time lends_since_{};
    unsigned lends_ = 0; // since then

    std::vector<std::unique_ptr<Nested>> nested_; // inner loops
    std::vector<Loop *> entered_;                 // those whose turn goes on; with room for all
    std::atomic<Loop *> outer_{nullptr};          // that this one is nested in
    bool due_ = false;                            // as an inner loop: it has more to do, and nothing that wakes it
};

// A turn of a sleeping loop, lent to a thread that has work for it: that thread need not wake another one, which is
// what would cost most. For who has a turn of the outer loop it is one of the inner loop's own. As long as this lives
// it is the loop's thread. [any thread] Never waits.
class LentTurn {
public:
    explicit LentTurn(Loop &loop) : loop_(loop), turn_(loop.lend()) {}
    ~LentTurn()
    {
        if (turn_ == Loop::Turn::Lent) // one that was entered lasts until the outer loop's ends
            loop_.take_back();
    }
    LentTurn(const LentTurn &) = delete;
    LentTurn &operator=(const LentTurn &) = delete;

    // False: the loop does not sleep, or has lent many just now, or this thread does not block SIGPIPE, nor does the
    // process ignore it. What there is to do is posted to it.
    explicit operator bool() const { return turn_ != Loop::Turn::None; }

private:
    Loop &loop_;
    const Loop::Turn turn_;
};

} // namespace jabberd::event
