// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/congestion.h"

#include "base/view.h"

namespace jabberd::link {

void Congestion::change(int peers)
{
    std::unique_lock lock{mutex_};
    congested_ += peers;
    if (telling_)
        return;
    telling_ = true;
    while (!over_ && told_ != (congested_ > 0)) {
        told_ = !told_;
        const auto tell = told_ ? routes_.congested : routes_.ready;
        lock.unlock();
        tell(&host_, view(name_));
        lock.lock();
    }
    telling_ = false;
}

void Congestion::end()
{
    const std::lock_guard lock{mutex_};
    over_ = true;
}

} // namespace jabberd::link
