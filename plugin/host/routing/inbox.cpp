// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/routing/inbox.h"

#include <utility>

namespace jabberd::host {

bool Inbox::deliver(const jabberd_packet &packet)
{
    while (!receive_directly(packet)) {
        switch (next_step(packet)) {
        case Step::Leave: return true;
        case Step::Refuse: return false;
        case Step::ReceiveDirectly: continue; // unless it was paused or closed since
        case Step::Receive: break;
        }
        receiver_.receive(packet);
        receive_waiting();
        return true;
    }
    return true;
}

bool Inbox::receive_directly(const jabberd_packet &packet)
{
    if (model_.load(std::memory_order_relaxed) != JABBERD_PARALLEL || !gate_.enter())
        return false;
    receiver_.receive(packet);
    gate_.leave();
    return true;
}

Inbox::Step Inbox::next_step(const jabberd_packet &packet)
{
    const std::lock_guard lock{mutex_};
    if (is_closed_)
        return Step::Refuse;
    // Opened since the caller looked. It must not wait in line now: its next packet would go directly, and overtake.
    if (is_direct_)
        return Step::ReceiveDirectly;
    if (is_open_ && !busy_) {
        busy_ = true;
        return Step::Receive;
    }
    const Congestion::Moment moment = congestion_.moment();
    waiting_.emplace_back(packet);
    waiting_bytes_ += waiting_.back().bytes();
    if (waiting_bytes_ > limit_)
        congestion_.begin(moment);
    return Step::Leave;
}

void Inbox::receive_waiting()
{
    std::unique_lock lock{mutex_};
    while (is_open_ && !waiting_.empty()) {
        const OwnedPacket next = std::move(waiting_.front());
        waiting_.pop_front();
        const bool was_much = waiting_bytes_ > limit_ / 2;
        waiting_bytes_ -= next.bytes();
        const bool is_relieved = was_much && waiting_bytes_ <= limit_ / 2;
        lock.unlock();
        receiver_.receive(next.packet());
        if (is_relieved)
            congestion_.end();
        lock.lock();
    }
    busy_ = false;
    if (model_ == JABBERD_PARALLEL && is_open_ && !is_closed_) {
        is_direct_ = true;
        gate_.open();
    }
    idle_.notify_all();
}

void Inbox::open()
{
    {
        const std::lock_guard lock{mutex_};
        is_open_ = true;
        busy_ = true;
    }
    receive_waiting();
}

bool Inbox::pause(std::chrono::steady_clock::time_point deadline)
{
    {
        std::unique_lock lock{mutex_};
        is_open_ = false;
        is_direct_ = false;
        if (!idle_.wait_until(lock, deadline, [this] { return !busy_; })) {
            is_open_ = true; // the deliverer that is receiving takes what came meanwhile
            return false;
        }
    }
    if (gate_.close_by(deadline))
        return true;
    open();
    return false;
}

Inbox::Waiting Inbox::waiting() const
{
    const std::lock_guard lock{mutex_};
    return {waiting_.size(), waiting_bytes_};
}

std::deque<OwnedPacket> Inbox::close()
{
    std::deque<OwnedPacket> rest;
    {
        std::unique_lock lock{mutex_};
        is_closed_ = true;
        waiting_bytes_ = 0;
        rest.swap(waiting_);
        idle_.wait(lock, [this] { return !busy_; });
    }
    gate_.close();
    congestion_.end();
    return rest;
}

} // namespace jabberd::host
