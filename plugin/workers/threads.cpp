// SPDX-License-Identifier: LGPL-2.1-or-later
#include "workers/threads.h"

#include <time.h>

#include <algorithm>
#include <system_error>

namespace jabberd::workers {

namespace {

constexpr Duration look_every = std::chrono::milliseconds{100};

Duration time_of_this_thread()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

double share_of(Duration time, Duration of)
{
    return std::chrono::duration<double>(time) / std::chrono::duration<double>(of);
}

} // namespace

void Threads::start(bool follow)
{
    Worker &first = *workers_.front();
    others_.clear();
    stopping_ = nullptr;
    scaling_ = Scaling{};
    had_ = {}; // of a new thread
    last_look_ = {};
    std::size_t count = 1;
    for (auto worker = workers_.begin() + 1; worker != workers_.end(); ++worker) {
        if (follow && (*worker)->start_in(first)) {
            others_.push_back({worker->get()});
        } else {
            (*worker)->start();
            ++count;
        }
    }
    count_ = count;
    if (!others_.empty())
        first.each_turn([this](Time now) { look(now); });
    first.start();
}

// The first one first: from there on no thread comes or goes.
void Threads::halt()
{
    for (const auto &worker : workers_)
        worker->halt();
    stopping_ = nullptr;
    count_ = 0;
}

void Threads::look(Time now)
{
    const Duration since = now - last_look_;
    if (since < look_every)
        return;
    last_look_ = now;
    const Duration had = time_of_this_thread();
    const double share = share_of(had - std::exchange(had_, had), since);
    for (Other &other : others_) {
        if (!other.has_thread)
            continue;
        const Duration its = other.worker->thread_time();
        other.share = share_of(its - std::exchange(other.had, its), since);
    }

    Other *least = least_busy();
    switch (scaling_.judge(share, least == nullptr ? std::nullopt : std::optional{least->share})) {
    case Scaling::Advice::Stay: break;
    case Scaling::Advice::Spread: return spread();
    case Scaling::Advice::Gather: return gather(*least);
    }
}

void Threads::spread()
{
    const auto other = std::ranges::find(others_, false, &Other::has_thread);
    if (other == others_.end())
        return;
    Worker &first = *workers_.front();
    try {
        other->worker->take_thread(first,
                                   [this, &first, &other = *other] { first.post([this, &other] { stopped(other); }); });
    } catch (const std::system_error &) { // it stays, and is tried again
        return;
    }
    other->has_thread = true;
    other->had = {};
    other->share = 1; // until it is known
    ++count_;
    first.counters().threads_started.add(1);
}

// It is asked to stop, and says so when it has.
void Threads::gather(Other &other)
{
    stopping_ = &other;
    other.worker->stop_thread();
}

// Where all are halted meanwhile that is what has stopped it.
void Threads::stopped(Other &other)
{
    if (stopping_ != &other)
        return;
    stopping_ = nullptr;
    other.has_thread = false;
    --count_;
    other.worker->give_up_thread(*workers_.front());
}

// Null: there is none, or one is stopping already.
Threads::Other *Threads::least_busy()
{
    Other *least = nullptr;
    for (Other &other : others_) {
        if (other.has_thread && (least == nullptr || other.share < least->share))
            least = &other;
    }
    return stopping_ == nullptr ? least : nullptr;
}

} // namespace jabberd::workers
