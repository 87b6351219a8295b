// SPDX-License-Identifier: LGPL-2.1-or-later
// Reading the packets of a Ring back.
#pragma once

#include "link/frame/frame.h"
#include "link/peer/assembler.h"
#include "link/peer/ring.h"

namespace jabberd::link {

template <typename Visit>
bool Ring::for_each(const Visit &visit) const
{
    bool whole = true;
    Assembler assembler;
    DecodedPacket decoded;
    for (const Batch &batch : batches_) {
        std::uint64_t number = batch.first;
        PieceReader pieces{batch.pieces};
        for (; pieces.next(); ++number) {
            if (number <= taken_)
                continue;
            std::string_view packet;
            assembler.clear();
            switch (assembler.add(pieces.bytes(), pieces.continues(), packet)) {
            case Assembler::Result::Incomplete: continue;
            case Assembler::Result::Broken: whole = false; continue;
            case Assembler::Result::Complete: break;
            }
            if (decode(packet, decoded))
                visit(decoded.packet, batch.sent);
            else
                whole = false;
        }
    }
    return whole && !assembler.in_the_middle();
}

} // namespace jabberd::link
