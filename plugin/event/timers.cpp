// SPDX-License-Identifier: LGPL-2.1-or-later
#include "event/timers.h"

#include <algorithm>
#include <utility>

namespace jabberd::event {

void Timer::cancel()
{
    if (!armed())
        return;
    *previous_ = next_;
    if (next_ != nullptr)
        next_->previous_ = previous_;
    if (owner_->wheel_[slot_] == nullptr)
        owner_->bitmap_[slot_ / 64] &= ~(std::uint64_t{1} << (slot_ % 64));
    --owner_->armed_;
    previous_ = nullptr;
    next_ = nullptr;
}

Timers::~Timers()
{
    for (Timer *&head : wheel_) {
        while (head != nullptr)
            head->cancel();
    }
}

void Timers::set(Timer &timer, Time deadline)
{
    timer.cancel();
    // One tick later than the deadline's own: when that tick is looked at, the deadline is surely past.
    const std::int64_t due = std::max(tick_of(deadline) + 1, current_);
    timer.slot_ = static_cast<std::size_t>(due) % slots;
    timer.deadline_ = deadline;
    timer.owner_ = this;
    Timer *&head = wheel_[timer.slot_];
    timer.next_ = head;
    timer.previous_ = &head;
    if (head != nullptr)
        head->previous_ = &timer.next_;
    head = &timer;
    bitmap_[timer.slot_ / 64] |= std::uint64_t{1} << (timer.slot_ % 64);
    ++armed_;
}

void Timers::expire(Time now)
{
    const std::int64_t last = tick_of(now);
    // After a long sleep one lap sees every slot.
    const std::int64_t first = std::max(current_, last - static_cast<std::int64_t>(slots) + 1);
    current_ = last + 1;
    for (std::int64_t t = first; t <= last && armed_ > 0; ++t) {
        const auto slot = static_cast<std::size_t>(t) % slots;
        if (occupied(slot))
            expire_slot(slot, now);
    }
}

void Timers::expire_slot(std::size_t slot, Time now)
{
    // Taken off the wheel first: on_timer() may set timers into this very slot, and may destroy those that wait here.
    Timer *due = std::exchange(wheel_[slot], nullptr);
    bitmap_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
    if (due != nullptr)
        due->previous_ = &due;
    while (due != nullptr) {
        Timer &timer = *due;
        const Time deadline = timer.deadline_;
        timer.cancel();
        if (deadline > now)
            set(timer, deadline); // another lap
        else
            timer.on_timer();
    }
}

std::optional<Duration> Timers::until_next(Time now) const
{
    if (armed_ == 0)
        return std::nullopt;
    for (std::size_t ahead = 0; ahead < slots;) {
        const std::size_t slot = (static_cast<std::size_t>(current_) + ahead) % slots;
        const std::uint64_t word = bitmap_[slot / 64] >> (slot % 64);
        if (word == 0) {
            ahead += 64 - slot % 64;
            continue;
        }
        ahead += static_cast<std::size_t>(__builtin_ctzll(word));
        return std::max(Duration::zero(), origin_ + (current_ + static_cast<std::int64_t>(ahead)) * tick - now);
    }
    return tick * slots;
}

} // namespace jabberd::event
