// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/peer/assembler.h"

#include "link/frame/packet_code.h"

namespace jabberd::link {

Assembler::Result Assembler::add(std::string_view piece, bool continues, std::string_view &packet)
{
    if (partial_.size() + piece.size() > max_packet) {
        partial_.clear();
        return Result::Broken;
    }
    if (continues) {
        partial_.append(piece);
        return Result::Incomplete;
    }
    packet = piece;
    if (!partial_.empty()) {
        partial_.append(piece);
        packet = done_.emplace_back(std::exchange(partial_, {}));
    }
    return Result::Complete;
}

} // namespace jabberd::link
