// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether a peer must be told now of what has come from it.
#pragma once

#include "link/peer/batch.h"
#include "link/peer/inflow.h"

#include <cstdint>

namespace jabberd::link {

// An acknowledgement for each lone packet wakes both processes once more, so it waits for the next frame of ours, or
// the next tick. It does not wait where the peer would: for room in its ring or for credit, or to know of a gap.
class AckDebt {
public:
    void at_once() { at_once_ = true; }
    void tick(const Inflow &inflow); // what has waited until now is told now
    bool is_due(const Inflow &inflow, const Credit &window) const;

    // All that `inflow` says was told, but for its gaps.
    void told(const Inflow &inflow);

private:
    Credit received_, granted_; // as it was told
    bool at_once_ = false;
};

} // namespace jabberd::link
