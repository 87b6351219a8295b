// SPDX-License-Identifier: LGPL-2.1-or-later
// Deadlines, many and cheap: a wheel that does not turn while nothing is due.
#pragma once

#include "base/clock.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace jabberd::event {

class Timers;

// One deadline. Base of, or member in, whatever waits for it; setting it again moves it; destroying it cancels it.
// Belongs to one loop's Timers.
class Timer {
public:
    Timer() = default;
    Timer(const Timer &) = delete;
    Timer &operator=(const Timer &) = delete;
    virtual ~Timer() { cancel(); }

    void cancel();
    bool armed() const { return previous_ != nullptr; }
    Time deadline() const { return deadline_; }

protected:
    // The deadline has passed; the timer is no longer armed. It may arm itself again, and cancel or destroy any timer,
    // itself too.
    virtual void on_timer() = 0;

private:
    friend class Timers;
    Timer **previous_ = nullptr; // what points to us
    Timer *next_ = nullptr;
    Timers *owner_ = nullptr;
    std::size_t slot_ = 0;
    Time deadline_{};
};

// A hashed wheel: setting and cancelling are O(1). A timer fires up to one tick late, never early. Not thread-safe.
class Timers {
public:
    static constexpr Duration tick = std::chrono::milliseconds{100};
    static constexpr std::size_t slots = 1024; // a lap of 102 s; what is due later waits another lap

    explicit Timers(Time now) : origin_(now) {}
    Timers(const Timers &) = delete;
    Timers &operator=(const Timers &) = delete;
    ~Timers();

    void set(Timer &timer, Time deadline);

    // Calls on_timer() of all that are due.
    void expire(Time now);

    // How long nothing is due; nothing set: nullopt.
    std::optional<Duration> until_next(Time now) const;

private:
    friend class Timer;

    std::int64_t tick_of(Time time) const { return (time - origin_) / tick; }
    void expire_slot(std::size_t slot, Time now);
    bool occupied(std::size_t slot) const { return (bitmap_[slot / 64] >> (slot % 64) & 1) != 0; }

    Time origin_;
    std::int64_t current_ = 0; // every tick before this one has been looked at
    std::array<Timer *, slots> wheel_{};
    std::array<std::uint64_t, slots / 64> bitmap_{};
    std::size_t armed_ = 0;
};

} // namespace jabberd::event
