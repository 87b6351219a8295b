// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/routing/congestion.h"

#include <algorithm>
#include <utility>

namespace jabberd::host {

void Congestion::begin(Moment since)
{
    const std::lock_guard lock{mutex_};
    if (state_.load(std::memory_order_relaxed) == since && !is_congested(since))
        state_.store(since + 1, std::memory_order_release);
}

bool Congestion::tell(Sender *sender)
{
    if (!is_congested(moment()))
        return false;
    const std::lock_guard lock{mutex_};
    if (!is_congested(moment()))
        return false;
    if (sender != nullptr && std::find(told_.begin(), told_.end(), sender) == told_.end())
        told_.push_back(sender);
    return true;
}

bool Congestion::has_told(const Sender *sender) const
{
    const std::lock_guard lock{mutex_};
    return std::find(told_.begin(), told_.end(), sender) != told_.end();
}

void Congestion::end()
{
    std::vector<Sender *> told;
    {
        const std::lock_guard lock{mutex_};
        state_.store((moment() | 1) + 1, std::memory_order_release);
        told.swap(told_);
    }
    for (Sender *sender : told)
        sender->resume(name_);
}

} // namespace jabberd::host
