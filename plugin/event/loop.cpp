// SPDX-License-Identifier: LGPL-2.1-or-later
#include "event/loop.h"

#include "event/nested_loop.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <system_error>
#include <thread>

namespace jabberd::event {

namespace {

constexpr SlotId wakeup_id{UINT32_MAX, 0}; // no slot has generation 0

std::uint64_t packed(SlotId id)
{
    return std::uint64_t{id.generation} << 32 | id.index;
}

SlotId unpacked(std::uint64_t data)
{
    return {static_cast<std::uint32_t>(data), static_cast<std::uint32_t>(data >> 32)};
}

// A loop's own thread takes no signals; in any other thread a write to a client that is gone may end the process.
bool survives_sigpipe()
{
    sigset_t blocked;
    struct sigaction action;
    return (pthread_sigmask(SIG_BLOCK, nullptr, &blocked) == 0 && sigismember(&blocked, SIGPIPE) == 1) ||
           (sigaction(SIGPIPE, nullptr, &action) == 0 && action.sa_handler == SIG_IGN);
}

} // namespace

Loop::Loop(const Clock &clock, Turns &turns, int first_descriptor)
    : clock_(clock)
    , turns_(turns)
    , now_(clock.now())
    , timers_(now_)
    , epoll_(at_or_above(first_descriptor, UniqueFd{epoll_create1(EPOLL_CLOEXEC)}))
    , wakeup_(at_or_above(first_descriptor, UniqueFd{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)}))
{
    // Edge-triggered: every write is an edge, so the counter need not be read back.
    epoll_event event{EPOLLIN | EPOLLET, {.u64 = packed(wakeup_id)}};
    if (!epoll_ || !wakeup_ || epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wakeup_.get(), &event) != 0)
        throw std::system_error{errno, std::generic_category(), "event loop"};
}

Loop::~Loop()
{
    for (Task *task = posted_.exchange(nullptr); task != nullptr;) {
        const std::unique_ptr<Task> unrun{task};
        task = task->next_;
    }
}

SlotId Loop::watch(int fd, std::uint32_t epoll_events, Watched &watched)
{
    const SlotId id = watches_.insert(watched);
    epoll_event event{epoll_events, {.u64 = packed(id)}};
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0)
        return id;
    watches_.erase(id);
    return {};
}

void Loop::change(SlotId id, int fd, std::uint32_t epoll_events)
{
    epoll_event event{epoll_events, {.u64 = packed(id)}};
    epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void Loop::unwatch(SlotId id, int fd)
{
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
    watches_.erase(id);
}

void Loop::post(std::unique_ptr<Task> task)
{
    Task *posted = task.release();
    Task *before = posted_.load(std::memory_order_relaxed);
    do {
        posted->next_ = before;
    } while (!posted_.compare_exchange_weak(before, posted));
    // From here on the task is the loop's, and perhaps already run and freed.
    // Only the first after the queue was taken has to wake the loop, and only while it sleeps: see turn().
    if (before == nullptr && asleep_.load())
        eventfd_write(wakeup_.get(), 1);
}

void Loop::run()
{
    while (!stop_.load(std::memory_order_relaxed))
        turn(true);
    stop_.store(false); // so that it can run again
}

bool Loop::run_posted()
{
    if (posted_.load() == nullptr)
        return false;
    thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    run_tasks();
    finish_turn();
    return true;
}

void Loop::stop()
{
    stop_.store(true);
    eventfd_write(wakeup_.get(), 1);
}

void Loop::forget_stop()
{
    stop_.store(false);
}

void Loop::turn(bool may_sleep)
{
    std::unique_lock turn{turn_};
    // Announce sleep, then look once more: a task posted before the announcement is seen here, one posted after it
    // wakes us.
    asleep_.store(true);
    const bool work = posted_.load() != nullptr || stop_.load() || turns_.wants_a_turn() || inner_work();
    const int timeout = timeout_ms(may_sleep && !work);
    if (timeout != 0)
        turn.unlock(); // while we sleep it may be lent
    std::array<epoll_event, events_per_turn> events;
    const int count = epoll_wait(epoll_.get(), events.data(), events_per_turn, timeout);
    asleep_.store(false);
    if (timeout != 0) {
        lock_turn();
        turn = std::unique_lock{turn_, std::adopt_lock};
    }
    const Time woken = clock_.now();
    if (timeout == 0)
        was_busy_until(woken);
    begin_turn(woken);
    turns_.on_own_turn();
    enter_due();
    dispatch({events.data(), static_cast<std::size_t>(std::max(count, 0))});
    run_tasks();
    timers_.expire(now_);
    finish_turn();
}

// A lent turn takes some microseconds: less than to sleep and be woken.
void Loop::lock_turn()
{
    constexpr int tries = 16;
    for (int i = 0; i < tries; ++i) {
        if (turn_.try_lock())
            return;
        std::this_thread::yield();
    }
    turn_.lock();
}

void Loop::begin_turn(Time now)
{
    thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    now_ = now;
    turns_.on_turn_begin();
}

// What ends an inner loop's turn may have something for a connection of this one, and the other way round.
void Loop::finish_turn()
{
    do {
        while (!entered_.empty()) {
            Loop &inner = *entered_.back();
            entered_.pop_back();
            leave(inner);
        }
        turns_.on_turn_end();
    } while (!entered_.empty());
    thread_.store(std::thread::id{}, std::memory_order_relaxed);
}

// Since the last look at the clock.
void Loop::was_busy_until(Time now)
{
    busy_.add(static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now - now_).count()));
    now_ = now;
}

int Loop::timeout_ms(bool may_sleep)
{
    if (!may_sleep)
        return 0;
    const Time now = clock_.now();
    was_busy_until(now);
    sleeps_until_ = next_deadline(now);
    if (sleeps_until_ == Time::max())
        return -1;
    // Rounded up: waking early would only spin.
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(std::max(sleeps_until_ - now, Duration{0})).count();
    return static_cast<int>(std::min<long long>(ms, INT_MAX));
}

// Its own, or an inner loop's.
Time Loop::next_deadline(Time now) const
{
    const auto next = timers_.until_next(now);
    return std::min(next ? now + *next : Time::max(), inner_deadline());
}

void Loop::dispatch(std::span<const epoll_event> events)
{
    for (const epoll_event &event : events) {
        if (Watched *watched = watches_.find(unpacked(event.data.u64)))
            watched->on_ready(event.events);
    }
}

Loop::Turn Loop::lend() noexcept
{
    if (Loop *outer = outer_.load(); outer != nullptr && outer->has_turn())
        return outer->enter(*this, Entry::Tries) ? Turn::Entered : Turn::None;
    if (!asleep_.load() || lent_.load() || !survives_sigpipe() || !turn_.try_lock())
        return Turn::None;
    const Time now = clock_.now();
    // It has just woken, and waits for this; or it has tasks, which come first, and on its own thread; or it has lent
    // enough.
    if (!asleep_.load() || posted_.load() != nullptr || !may_lend(now)) {
        turn_.unlock();
        return Turn::None;
    }
    lent_.store(true);
    begin_turn(now);
    return Turn::Lent;
}

bool Loop::may_lend(Time now)
{
    if (now - lends_since_ >= lent_in) {
        lends_since_ = now;
        lends_ = 0;
    }
    return lends_++ < most_lent;
}

// The loop sleeps on, or wakes for what is due earlier now. A descriptor that is watched otherwise the kernel knows of.
void Loop::take_back() noexcept
{
    finish_turn();
    const bool wakes = turns_.wants_a_turn() || inner_work() || next_deadline(now_) < sleeps_until_;
    lent_.store(false);
    turn_.unlock();
    if (wakes)
        eventfd_write(wakeup_.get(), 1);
}

void Loop::run_tasks()
{
    // Newest first in the list; turned round for the order of posting.
    Task *in_order = nullptr;
    for (Task *task = posted_.exchange(nullptr); task != nullptr;) {
        Task *next = task->next_;
        task->next_ = in_order;
        in_order = task;
        task = next;
    }
    while (in_order != nullptr) {
        const std::unique_ptr<Task> task{in_order};
        in_order = in_order->next_;
        task->run();
    }
}

} // namespace jabberd::event
