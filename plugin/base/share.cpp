// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/share.h"

namespace jabberd {

bool Share::take(std::size_t amount)
{
    const Share *part = nullptr;
    for (Share *share = this; share != nullptr; part = share, share = share->of_) {
        share->add(amount);
        if (!share->is_over() || (part != nullptr && part->held() <= share->equal_part()))
            continue;
        ++share->quota_.refused;
        for (Share *taken = this; taken != share->of_; taken = taken->of_)
            taken->remove(amount);
        return false;
    }
    return true;
}

void Share::give_back(std::size_t amount)
{
    for (Share *share = this; share != nullptr; share = share->of_)
        share->remove(amount);
}

void Share::hold(std::size_t amount)
{
    for (Share *share = this; share != nullptr; share = share->of_)
        share->add(amount);
}

std::size_t Share::equal_part() const
{
    return quota_.most / std::max<std::size_t>(1, holders_.load(std::memory_order_relaxed));
}

void Share::add(std::size_t amount)
{
    if (amount != 0 && held_.fetch_add(amount) == 0 && of_ != nullptr)
        ++of_->holders_;
}

void Share::remove(std::size_t amount)
{
    if (amount != 0 && held_.fetch_sub(amount) == amount && of_ != nullptr)
        --of_->holders_;
}

} // namespace jabberd
