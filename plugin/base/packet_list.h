// SPDX-License-Identifier: LGPL-2.1-or-later
// Packets that wait, in order.
#pragma once

#include "base/owned_packet.h"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace jabberd {

// Nearly always there are none, and then it takes one pointer: a connection has several.
class PacketList {
public:
    bool empty() const { return packets_ == nullptr; }
    std::size_t size() const { return packets_ ? packets_->size() : 0; }

    void push_back(OwnedPacket packet)
    {
        if (!packets_)
            packets_ = std::make_unique<std::vector<OwnedPacket>>();
        packets_->push_back(std::move(packet));
    }

    // The first. Not when it is empty.
    const OwnedPacket &front() const { return packets_->front(); }

    // The first, which is no longer in it. Not when it is empty.
    OwnedPacket take_front()
    {
        OwnedPacket front = std::move(packets_->front());
        packets_->erase(packets_->begin());
        if (packets_->empty())
            packets_.reset();
        return front;
    }

    // All, which are no longer in it.
    std::vector<OwnedPacket> take()
    {
        const auto packets = std::move(packets_);
        return packets ? std::move(*packets) : std::vector<OwnedPacket>{};
    }

    template <typename Visit>
    void for_each(const Visit &visit) const
    {
        if (!packets_)
            return;
        for (const OwnedPacket &packet : *packets_)
            visit(packet.packet());
    }

private:
    std::unique_ptr<std::vector<OwnedPacket>> packets_; // null: empty
};

} // namespace jabberd
