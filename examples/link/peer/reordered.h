// SPDX-License-Identifier: LGPL-2.1-or-later
// What has come before what precedes it, and waits for that.
#pragma once

#include "link/frame/frame.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jabberd::link {

// Of no snapshot: nothing of it was acknowledged, so the peer still has it.
class Reordered {
public:
    struct Kept {
        std::uint64_t first = 0; // piece
        std::uint32_t count = 0;
        std::string pieces;
    };

    // Copies the pieces of a DATA frame. False: some of them are kept already.
    bool keep(const Frame &frame);

    // The next one that begins at the piece or before, which is kept no longer.
    std::optional<Kept> take(std::uint64_t piece);

    // What is missing behind the piece, and kept behind that.
    std::vector<Gap> gaps(std::uint64_t received) const;

    bool empty() const { return kept_.empty(); }
    std::size_t bytes() const { return bytes_; }

private:
    std::map<std::uint64_t, Kept> kept_; // by the first piece
    std::size_t bytes_ = 0;
};

} // namespace jabberd::link
