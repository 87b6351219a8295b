// SPDX-License-Identifier: LGPL-2.1-or-later
// What was given to a peer and is not known to be taken: packets in batches, each of which is what one DATA frame
// holds.
#pragma once

#include "base/clock.h"
#include "link/frame/frame.h"
#include "link/frame/packet_code.h"
#include "link/peer/batch.h"
#include "link/peer/repair.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

namespace jabberd::link {

// Nothing leaves it before it was acknowledged. Sequence numbers are those of pieces, from 1 on.
class Ring {
public:
    void append(const jabberd_packet &packet, std::size_t size, Duration now); // encoded: at most max_packet

    // The batch to be sent now, closed, which counts as sent; null: there is none, or it is beyond the credit.
    const Batch *next(const Credit &credit, Duration now);

    // The peer has received all up to `received`, and taken all up to `taken`; the latest frame that has come there is
    // `heard`. False: it cannot be.
    bool acknowledge(std::uint64_t received, std::uint64_t taken, std::uint64_t heard);

    // What the peer has behind what it has acknowledged, and nothing else. How many batches are sent again for that.
    std::size_t repair(const std::vector<Gap> &gaps, Duration now);
    // The peer has acknowledged nothing for a while. Likewise.
    std::size_t probe() { return repair_.probe(not_received()); }

    bool empty() const { return batches_.empty(); }
    std::size_t bytes() const { return bytes_; }
    bool in_flight() const { return next_ != 0 && batches_[next_ - 1].last() > received_; }
    std::uint64_t pieces_in_flight() const { return next_ == 0 ? 0 : batches_[next_ - 1].last() - taken_; }
    std::uint64_t received() const { return received_; }
    std::uint64_t taken() const { return taken_; }
    std::optional<Duration> oldest() const;
    bool anything_unsent() const { return next_ < batches_.size(); }

    // Calls visit(packet, whether it was sent) for each, in order (ring_visit.h). False where one could not be read.
    template <typename Visit>
    bool for_each(const Visit &visit) const;

    const std::deque<Batch> &batches() const { return batches_; }

    // For a successor.
    static std::optional<Ring> restore(std::deque<Batch> batches, std::uint64_t received, std::uint64_t taken,
                                       std::uint64_t last, std::uint64_t end_bytes, std::uint64_t order);
    std::uint64_t last() const { return last_; }
    std::uint64_t end_bytes() const { return end_bytes_; }
    std::uint64_t order() const { return repair_.order(); }

private:
    void add_piece(std::string_view bytes, bool goes_on, Duration now);
    Batch &open_batch(std::size_t bytes, Duration now);
    void drop_first();
    Repair::Sent not_received();

    std::deque<Batch> batches_;
    std::size_t next_ = 0; // to be sent for the first time
    Repair repair_;
    bool open_ = false;              // the last one may grow
    std::vector<std::string> spare_; // empty, with room for a batch
    std::size_t bytes_ = 0;
    std::uint64_t last_ = 0, end_bytes_ = 0;
    std::uint64_t received_ = 0, taken_ = 0;
    std::uint64_t last_sent_ = 0;
};

} // namespace jabberd::link
