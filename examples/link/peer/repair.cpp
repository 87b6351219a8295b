// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/peer/repair.h"

#include "link/peer/timing.h"

#include <algorithm>

namespace jabberd::link {

namespace {

constexpr std::uint64_t overtaken_by = 3; // frames: what TCP calls its duplicate threshold, for the same reason

Repair::Sent from_piece(const Repair::Sent &batches, std::uint64_t piece)
{
    return {std::ranges::lower_bound(batches.begin(), batches.end(), piece, {}, &Batch::first), batches.end()};
}

} // namespace

void Repair::sent(Batch &batch, Duration now)
{
    batch.sent = true;
    batch.order = ++order_;
    batch.sent_at = now;
}

bool Repair::heard(std::uint64_t order)
{
    if (order > order_)
        return false;
    heard_ = std::max(heard_, order);
    return true;
}

void Repair::arrived(const Sent &batches, std::uint64_t received, const std::vector<Gap> &gaps)
{
    std::uint64_t before = received;
    for (const Gap &gap : gaps) {
        const std::uint64_t begin = before + gap.missing + 1, last = before + gap.missing + gap.there;
        for (Batch &batch : from_piece(batches, begin)) {
            if (batch.last() > last)
                break;
            batch.is_there = true;
        }
        before = last;
    }
}

bool Repair::mark(Batch &batch)
{
    if (batch.is_due)
        return false;
    batch.is_due = batch.was_due = true;
    due_.push_back(batch.first);
    return true;
}

std::size_t Repair::find_lost(const Sent &batches, Duration now)
{
    std::size_t count = 0;
    for (Batch &batch : batches) {
        if (batch.is_there || batch.is_due)
            continue;
        if (batch.order >= heard_ && !batch.was_due)
            break; // all that follow were sent after it
        if (batch.order + overtaken_by <= heard_ || (batch.order < heard_ && now - batch.sent_at >= reorder_patience))
            count += mark(batch);
    }
    return count;
}

std::size_t Repair::probe(const Sent &batches)
{
    for (Batch &batch : batches)
        batch.is_there = false;
    if (batches.empty())
        return 0;
    const std::size_t first = mark(batches.front());
    return first + mark(batches.back());
}

void Repair::restore(std::uint64_t order, const Sent &batches)
{
    order_ = order;
    for (Batch &batch : batches) {
        batch.order = order;
        batch.was_due = true;
    }
}

Batch *Repair::next_due(const Sent &batches)
{
    while (!due_.empty()) {
        const std::uint64_t piece = due_.front();
        due_.pop_front();
        const Sent found = from_piece(batches, piece);
        if (found.empty() || found.front().first != piece || !found.front().is_due)
            continue; // the peer has it meanwhile
        found.front().is_due = false;
        if (!found.front().is_there)
            return &found.front();
    }
    return nullptr;
}

} // namespace jabberd::link
