// SPDX-License-Identifier: LGPL-2.1-or-later
#include "classic/intake.h"

#include <utility>

namespace jabberd::classic {

void Intake::start(std::function<void(const std::string &element)> on_element)
{
    on_element_ = std::move(on_element);
    thread_ = std::thread{[this] { run(); }};
}

void Intake::put(std::string element)
{
    {
        const std::lock_guard lock{mutex_};
        waiting_.push_back(std::move(element));
        if (waiting_.size() > 1)
            return; // it is awake, or about to be
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
    for (;;) {
        filled_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (waiting_.empty())
            return;
        const std::vector<std::string> elements = std::exchange(waiting_, {});
        lock.unlock();
        for (const std::string &element : elements)
            on_element_(element);
        lock.lock();
    }
}

} // namespace jabberd::classic
