// SPDX-License-Identifier: LGPL-2.1-or-later
#include "event/nested_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <utility>

namespace jabberd::event {

Loop::Nested *Loop::place_of(const Loop &inner) const
{
    const auto found = std::ranges::find_if(nested_, [&](const auto &nested) { return &nested->inner == &inner; });
    return found == nested_.end() ? nullptr : found->get();
}

bool Loop::nest(Loop &inner)
{
    Nested *place = place_of(inner);
    if (place == nullptr) {
        entered_.reserve(nested_.size() + 1);
        auto nested = std::make_unique<Nested>(*this, inner);
        nested->watch = watch(inner.epoll_.get(), 0, *nested);
        if (nested->watch.generation == 0)
            return false;
        place = nested.get();
        nested_.push_back(std::move(nested));
    }
    change(place->watch, inner.epoll_.get(), EPOLLIN);
    place->active = true;
    inner.due_ = true; // for the tasks that came while no thread gave it turns
    inner.asleep_.store(true);
    inner.outer_.store(this);
    return true;
}

void Loop::unnest(Loop &inner)
{
    Nested *place = place_of(inner);
    if (place == nullptr || !std::exchange(place->active, false))
        return;
    inner.outer_.store(nullptr);
    inner.asleep_.store(false); // a task that is posted from here on waits for the thread that runs the loop next
    change(place->watch, inner.epoll_.get(), 0);
}

void Loop::unnest_all()
{
    for (const auto &nested : nested_) {
        unnest(nested->inner);
        unwatch(nested->watch, nested->inner.epoll_.get());
    }
    nested_.clear();
}

// By the thread that has a turn of this one. Who waits does so for a turn that was lent.
bool Loop::enter(Loop &inner, Entry how)
{
    if (inner.has_turn())
        return true;
    if (how == Entry::Waits) {
        inner.lock_turn();
    } else if (!inner.turn_.try_lock()) {
        return false;
    } else if (inner.posted_.load() != nullptr) { // which comes first
        inner.turn_.unlock();
        return false;
    }
    inner.asleep_.store(false);
    inner.begin_turn(now_);
    entered_.push_back(&inner);
    return true;
}

void Loop::enter_due()
{
    for (const auto &nested : nested_) {
        if (nested->active && (nested->inner.due_ || nested->inner.sleeps_until_ <= now_))
            enter(nested->inner, Entry::Waits);
    }
}

// What is ready; it does not sleep.
void Loop::poll()
{
    std::array<epoll_event, events_per_turn> events;
    const int count = epoll_wait(epoll_.get(), events.data(), events_per_turn, 0);
    dispatch({events.data(), static_cast<std::size_t>(std::max(count, 0))});
}

void Loop::leave(Loop &inner)
{
    inner.run_tasks();
    inner.timers_.expire(inner.now_);
    inner.finish_turn();
    inner.asleep_.store(true); // a task that is posted from here on wakes the outer loop
    inner.due_ = inner.posted_.load() != nullptr || inner.turns_.wants_a_turn();
    const auto next = inner.timers_.until_next(inner.now_);
    inner.sleeps_until_ = next ? inner.now_ + *next : Time::max();
    inner.turn_.unlock();
}

bool Loop::inner_work() const
{
    return std::ranges::any_of(nested_, [](const auto &nested) { return nested->active && nested->inner.due_; });
}

Time Loop::inner_deadline() const
{
    Time first = Time::max();
    for (const auto &nested : nested_) {
        if (nested->active)
            first = std::min(first, nested->inner.sleeps_until_);
    }
    return first;
}

} // namespace jabberd::event
