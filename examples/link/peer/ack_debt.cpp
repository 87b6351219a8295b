// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/peer/ack_debt.h"

namespace jabberd::link {

namespace {

// So many may have been delivered, and come back as such that perhaps were, when a link is given up just then.
constexpr std::uint64_t most_pieces = 16;

} // namespace

void AckDebt::tick(const Inflow &inflow)
{
    at_once_ |= inflow.received() != received_.pieces || inflow.has_gap(); // what was said of that may be lost
}

bool AckDebt::is_due(const Inflow &inflow, const Credit &window) const
{
    if (at_once_ || inflow.received() - received_.pieces >= most_pieces ||
        inflow.received_bytes() - received_.bytes >= window.bytes / 4)
        return true;
    const Credit &granted = inflow.granted();
    if (granted.pieces >= granted_.pieces + window.pieces / 4 || granted.bytes >= granted_.bytes + window.bytes / 4)
        return true;
    // Less than half a window is left to it, as far as it knows.
    return granted != granted_ && (granted_.pieces < inflow.received() + window.pieces / 2 ||
                                   granted_.bytes < inflow.received_bytes() + window.bytes / 2);
}

void AckDebt::told(const Inflow &inflow)
{
    received_ = {inflow.received(), inflow.received_bytes()};
    granted_ = inflow.granted();
    at_once_ = false;
}

} // namespace jabberd::link
