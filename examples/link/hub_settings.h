// SPDX-License-Identifier: LGPL-2.1-or-later
// What an operator can choose of all peers.
#pragma once

#include "link/peer/peer.h"

#include <cstddef>
#include <string>
#include <vector>

namespace jabberd::link {

struct HubSettings {
    Patience patience;
    Credit window{4'096, 1'048'576};      // of one peer
    std::uint64_t all_bytes = 16'777'216; // of all together; with more, a broker stalls who publishes
    std::size_t ring_bytes = 4'194'304;   // of one peer
    std::vector<std::string> names;       // only these are told; empty: all

    PeerSettings of_one(std::size_t peers) const
    {
        const std::uint64_t part = all_bytes / std::max<std::size_t>(peers, 1);
        return {patience,
                {window.pieces, std::max<std::uint64_t>(std::min(window.bytes, part), 2 * max_pieces_bytes)},
                ring_bytes};
    }
};

} // namespace jabberd::link
