// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/peer/ring.h"

#include "link/frame/bytes.h"
#include "link/peer/assembler.h"

#include <algorithm>
#include <utility>

namespace jabberd::link {

namespace {

constexpr std::size_t piece_head = sizeof(std::uint16_t);
constexpr std::size_t most_spare = 8;

} // namespace

Batch &Ring::open_batch(std::size_t bytes, Duration now)
{
    if (open_) {
        Batch &last = batches_.back();
        if (last.count < max_pieces && last.pieces.size() + piece_head + bytes <= max_pieces_bytes)
            return last;
    }
    Batch &batch = batches_.emplace_back();
    if (!spare_.empty()) {
        batch.pieces = std::move(spare_.back());
        spare_.pop_back();
    }
    batch.first = last_ + 1;
    batch.since = now;
    open_ = true;
    return batch;
}

void Ring::add_piece(std::string_view bytes, bool continues, Duration now)
{
    Batch &batch = open_batch(bytes.size(), now);
    store(batch.pieces, static_cast<std::uint16_t>(bytes.size() | (continues ? goes_on : 0u)));
    batch.pieces.append(bytes);
    ++batch.count;
    ++last_;
    bytes_ += piece_head + bytes.size();
    end_bytes_ += piece_head + bytes.size();
    batch.end_bytes = end_bytes_;
}

void Ring::append(const jabberd_packet &packet, std::size_t size, Duration now)
{
    if (size <= max_piece) { // nearly always, and then it is written where it stays
        Batch &batch = open_batch(size, now);
        store(batch.pieces, static_cast<std::uint16_t>(size));
        encode(packet, size, batch.pieces);
        ++batch.count;
        ++last_;
        bytes_ += piece_head + size;
        batch.end_bytes = end_bytes_ += piece_head + size;
        return;
    }
    std::string whole;
    encode(packet, size, whole);
    std::string_view rest = whole;
    while (!rest.empty()) {
        const std::string_view piece = rest.substr(0, max_piece);
        rest.remove_prefix(piece.size());
        add_piece(piece, !rest.empty(), now);
    }
}

Repair::Sent Ring::not_received()
{
    const auto end = batches_.begin() + static_cast<std::ptrdiff_t>(next_);
    return {std::ranges::upper_bound(batches_.begin(), end, received_, {}, &Batch::last), end};
}

const Batch *Ring::next(const Credit &credit, Duration now)
{
    Batch *batch = repair_.next_due(not_received());
    if (batch == nullptr) {
        if (next_ == batches_.size())
            return nullptr;
        batch = &batches_[next_];
        if (batch->last() > credit.pieces || batch->end_bytes > credit.bytes)
            return nullptr;
        if (++next_ == batches_.size())
            open_ = false;
        last_sent_ = batch->last();
    }
    repair_.sent(*batch, now);
    return batch;
}

bool Ring::acknowledge(std::uint64_t received, std::uint64_t taken, std::uint64_t heard)
{
    if (taken > received || received > last_sent_ || !repair_.heard(heard))
        return false;
    received_ = std::max(received_, received);
    taken_ = std::max(taken_, taken);
    while (!batches_.empty() && batches_.front().sent && batches_.front().last() <= taken_)
        drop_first();
    return true;
}

// Its memory, with what it has grown to, is the next one's: to grow again is to copy again.
void Ring::drop_first()
{
    std::string &pieces = batches_.front().pieces;
    bytes_ -= pieces.size();
    if (pieces.capacity() > max_pieces_bytes / 2 && spare_.size() < most_spare) {
        pieces.clear();
        spare_.push_back(std::move(pieces));
    }
    batches_.pop_front();
    --next_;
}

std::size_t Ring::repair(const std::vector<Gap> &gaps, Duration now)
{
    repair_.arrived(not_received(), received_, gaps);
    return repair_.find_lost(not_received(), now);
}

std::optional<Duration> Ring::oldest() const
{
    return batches_.empty() ? std::nullopt : std::optional{batches_.front().since};
}

std::optional<Ring> Ring::restore(std::deque<Batch> batches, std::uint64_t received, std::uint64_t taken,
                                  std::uint64_t last, std::uint64_t end_bytes, std::uint64_t order)
{
    Ring ring;
    std::uint64_t number = batches.empty() ? last + 1 : batches.front().first;
    bool unsent = false;
    for (const Batch &batch : batches) {
        std::uint32_t count = 0;
        for (PieceReader pieces{batch.pieces}; pieces.next();)
            ++count;
        if (batch.first != number || count != batch.count || count == 0 || (unsent && batch.sent))
            return std::nullopt;
        unsent = !batch.sent;
        number += count;
        ring.bytes_ += batch.pieces.size();
        ring.next_ += batch.sent;
        if (batch.sent)
            ring.last_sent_ = batch.last();
    }
    if (number != last + 1 || taken > received || received > last || last > max_incarnation || order > max_incarnation)
        return std::nullopt;
    ring.batches_ = std::move(batches);
    ring.received_ = received;
    ring.taken_ = taken;
    ring.last_ = last;
    ring.last_sent_ = std::max(ring.last_sent_, received);
    ring.end_bytes_ = end_bytes;
    ring.repair_.restore(order, ring.not_received());
    return ring;
}

} // namespace jabberd::link
