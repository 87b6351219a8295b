// SPDX-License-Identifier: LGPL-2.1-or-later
// A packet that outlives the call it came with.
#pragma once

#include <jabberd/packet.h>

#include <cstddef>
#include <memory>

namespace jabberd {

// A copy of a packet and of all it points to, in one allocation. Moves, does not copy; packet() stays valid across
// moves.
class OwnedPacket {
public:
    OwnedPacket() = default;
    explicit OwnedPacket(const jabberd_packet &original);

    const jabberd_packet &packet() const { return *reinterpret_cast<const jabberd_packet *>(block_.get()); }
    explicit operator bool() const { return block_ != nullptr; }
    std::size_t bytes() const { return bytes_; } // of the allocation, for budgets

private:
    std::unique_ptr<std::byte[]> block_;
    std::size_t bytes_ = 0;
};

} // namespace jabberd
