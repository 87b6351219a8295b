// SPDX-License-Identifier: LGPL-2.1-or-later
#include "event/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <system_error>

namespace jabberd::event {

namespace {

// More than a turn's worth waits in the kernel; taking it in slices keeps tasks and timers punctual.
constexpr int events_per_turn = 32;

constexpr SlotId wakeup_id{UINT32_MAX, 0}; // no slot has generation 0

std::uint64_t packed(SlotId id)
{
    return std::uint64_t{id.generation} << 32 | id.index;
}

SlotId unpacked(std::uint64_t data)
{
    return {static_cast<std::uint32_t>(data), static_cast<std::uint32_t>(data >> 32)};
}

} // namespace

Loop::Loop(const Clock &clock, TurnEnd &turn_end, int first_descriptor)
    : clock_(clock)
    , turn_end_(turn_end)
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
    run_tasks();
    turn_end_.on_turn_end();
    return true;
}

void Loop::stop()
{
    stop_.store(true);
    eventfd_write(wakeup_.get(), 1);
}

void Loop::turn(bool may_sleep)
{
    // Announce sleep, then look once more: a task posted before the announcement is seen here, one posted after it
    // wakes us.
    asleep_.store(true);
    const bool work = posted_.load() != nullptr || stop_.load();
    wait(timeout_ms(may_sleep && !work));
    run_tasks();
    timers_.expire(now_);
    turn_end_.on_turn_end();
}

int Loop::timeout_ms(bool may_sleep) const
{
    if (!may_sleep)
        return 0;
    const auto next = timers_.until_next(clock_.now());
    if (!next)
        return -1;
    // Rounded up: waking early would only spin.
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(*next).count();
    return static_cast<int>(std::min<long long>(ms, INT_MAX));
}

void Loop::wait(int timeout_ms)
{
    std::array<epoll_event, events_per_turn> events;
    const int count = epoll_wait(epoll_.get(), events.data(), events_per_turn, timeout_ms);
    asleep_.store(false);
    now_ = clock_.now();
    for (int i = 0; i < count; ++i) {
        const epoll_event &event = events[static_cast<std::size_t>(i)];
        if (Watched *watched = watches_.find(unpacked(event.data.u64)))
            watched->on_ready(event.events);
    }
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
