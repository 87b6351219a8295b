// SPDX-License-Identifier: LGPL-2.1-or-later
#include "component_stream/connection/lane.h"

#include "base/view.h"

#include <utility>

namespace jabberd::component_stream {

Lane::Taken Lane::push(const jabberd_packet &packet)
{
    OwnedPacket owned{packet};
    const std::size_t bytes = owned.bytes();
    Taken taken;
    {
        const std::lock_guard lock{mutex_};
        if (closed_)
            return Taken::Closed;
        if (waiting() > 2 * room_)
            return Taken::Full;
        waiting_.fetch_add(bytes, std::memory_order_relaxed);
        taken = pushed_.empty() ? Taken::First : Taken::Yes;
        pushed_.push_back(std::move(owned));
    }
    settle();
    return taken;
}

std::vector<OwnedPacket> Lane::take()
{
    const std::lock_guard lock{mutex_};
    return std::exchange(pushed_, {});
}

bool Lane::close()
{
    const std::lock_guard lock{mutex_};
    closed_ = closed_ || pushed_.empty();
    return closed_;
}

void Lane::release(std::size_t bytes)
{
    waiting_.fetch_sub(bytes, std::memory_order_relaxed);
    settle();
}

void Lane::restore(std::size_t bytes)
{
    waiting_.fetch_add(bytes, std::memory_order_relaxed);
    // The host has kept its own mind through the swap: it is told again, either way.
    told_ = waiting() <= room_;
    settle();
}

// Two threads may find out the contrary at once, and the host must be told of both in the right order, without a lock:
// it may resume others before it returns, who push again. So one of them tells, and looks again for the others.
void Lane::settle()
{
    if (settling_.fetch_add(1) != 0)
        return;
    for (unsigned seen = 1; seen != 0;) {
        const bool congested = waiting() > (told_ ? room_ / 2 : room_);
        if (congested != told_) {
            told_ = congested;
            for (const std::string &name : names_) {
                if (routes_ != nullptr)
                    (congested ? routes_->congested : routes_->ready)(&host_, view(name));
            }
        }
        seen = settling_.fetch_sub(seen) - seen;
    }
}

} // namespace jabberd::component_stream
