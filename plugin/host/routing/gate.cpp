// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/routing/gate.h"

#include <thread>

namespace jabberd::host {

namespace {

constexpr std::chrono::microseconds next_look{50}; // well below what a pause may cost, well above a look

} // namespace

bool Gate::enter()
{
    if ((state_.fetch_add(1, std::memory_order_acquire) & closed) == 0)
        return true;
    leave();
    return false;
}

void Gate::leave()
{
    if (state_.fetch_sub(1, std::memory_order_acq_rel) == (closed | 1))
        state_.notify_all();
}

void Gate::close()
{
    std::uint64_t state = state_.fetch_or(closed, std::memory_order_acq_rel) | closed;
    while (state != closed) {
        state_.wait(state, std::memory_order_acquire);
        state = state_.load(std::memory_order_acquire);
    }
}

bool Gate::close_by(std::chrono::steady_clock::time_point deadline)
{
    // std::atomic::wait() knows no deadline.
    state_.fetch_or(closed, std::memory_order_acq_rel);
    while (state_.load(std::memory_order_acquire) != closed) {
        if (std::chrono::steady_clock::now() >= deadline)
            return false;
        std::this_thread::sleep_for(next_look);
    }
    return true;
}

} // namespace jabberd::host
