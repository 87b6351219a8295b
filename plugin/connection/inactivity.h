// SPDX-License-Identifier: LGPL-2.1-or-later
// What a client that nobody looks at (XEP-0352) is not sent before something that it must see.
#pragma once

#include "base/packet_list.h"
#include "handover/state.h"

#include <jabberd/packet.h>

#include <cstddef>
#include <vector>

namespace jabberd::connection {

// Of one connection, while its client is inactive.
class Inactivity {
public:
    Inactivity() = default;

    // As a value, and from it. Throws std::runtime_error.
    void save(handover::ConnectionState &state) const;
    explicit Inactivity(const handover::ConnectionState &state);

    // Whether the packet can wait: a presence, or a chat state, of which only the newest of each sender matters. True:
    // it is kept, in place of the one before. False: what is kept goes first, and then the packet.
    bool keep(const jabberd_packet &packet);

    // All that is kept, in order; it is no longer here.
    std::vector<OwnedPacket> take() { return std::exchange(kept_, {}); }

    std::size_t held_bytes() const;

private:
    static constexpr std::size_t most = 200; // a roster, or a room or two

    std::vector<OwnedPacket> kept_; // with the sfrom that each came with
};

} // namespace jabberd::connection
