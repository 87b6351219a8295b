// SPDX-License-Identifier: LGPL-2.1-or-later
#include "classic/intake.h"

#include <chrono>
#include <utility>

namespace jabberd::classic {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_every{1}, rest{3};

} // namespace

void Intake::start(std::function<void(const std::string &element, Origin)> on_element)
{
    on_element_ = std::move(on_element);
    thread_ = std::thread{[this] { run(); }};
}

void Intake::put(std::string element, Origin origin)
{
    {
        const std::lock_guard lock{mutex_};
        waiting_.push_back({std::move(element), origin});
        if (!std::exchange(asleep_, false))
            return;
    }
    filled_.notify_one();
}

void Intake::stop()
{
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    filled_.notify_one();
    if (thread_.joinable())
        thread_.join();
}

void Intake::run()
{
    std::unique_lock lock{mutex_};
    while (!stopping_ || !waiting_.empty()) {
        asleep_ = waiting_.empty();
        filled_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        asleep_ = false;
        for (auto last = Clock::now(); !stopping_ && Clock::now() - last < rest;) {
            if (take_all(lock))
                last = Clock::now();
            lock.unlock();
            std::this_thread::sleep_for(look_every);
            lock.lock();
        }
        take_all(lock);
    }
}

// Whether anything was there.
bool Intake::take_all(std::unique_lock<std::mutex> &lock)
{
    const std::vector<Item> items = std::exchange(waiting_, {});
    lock.unlock();
    for (const Item &item : items)
        on_element_(item.element, item.origin);
    lock.lock();
    return !items.empty();
}

} // namespace jabberd::classic
