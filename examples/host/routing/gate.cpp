// SPDX-License-Identifier: LGPL-2.1-or-later
#include "routing/gate.h"

namespace jabberd::host {

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

} // namespace jabberd::host
