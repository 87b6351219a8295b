// SPDX-License-Identifier: LGPL-2.1-or-later
// Which batches on their way are lost, and are to be sent again.
#pragma once

#include "link/frame/frame.h"
#include "link/peer/batch.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace jabberd::link {

// Each frame with data has a number of its own, also where it holds what another one held, and the peer says which is
// the latest that has come. A batch is lost when what was sent after it has come and it is not there: three frames
// after it, or one where that has lasted for a while, for a network may reorder. By that a batch goes out again at most
// once in a round trip, however long that is: only what is sent after the second time says that this is lost, too.
class Repair {
public:
    // Those that were sent, in the order of their pieces. Borrowed for a call.
    class Sent { // std::ranges::subrange, which clang 14 does not compile
    public:
        using Iterator = std::deque<Batch>::iterator;
        Sent(const Iterator &begin, const Iterator &end) : begin_(begin), end_(end) {}
        Iterator begin() const { return begin_; }
        Iterator end() const { return end_; }
        bool empty() const { return begin_ == end_; }
        Batch &front() const { return *begin_; }
        Batch &back() const { return *(end_ - 1); }

    private:
        Iterator begin_, end_;
    };

    void sent(Batch &batch, Duration now); // for the first time or again
    bool heard(std::uint64_t order);       // the latest that has come; false: it was never sent

    // The peer, which has all up to `received`, keeps what is behind these gaps. They may be old, or nonsense.
    void arrived(const Sent &batches, std::uint64_t received, const std::vector<Gap> &gaps);

    // Marks what is lost as due. How many batches that are.
    std::size_t find_lost(const Sent &batches, Duration now);

    // Nothing was heard for a while: the first and the last are due, and by the answer it is known what else is. It is
    // no longer believed that the peer has what it has not acknowledged: a swap of it loses what it keeps.
    std::size_t probe(const Sent &batches);

    // For a successor: as if all had been sent just now.
    std::uint64_t order() const { return order_; }
    void restore(std::uint64_t order, const Sent &batches);

    // The one to be sent again now, which is due no longer; null: none.
    Batch *next_due(const Sent &batches);

private:
    bool mark(Batch &batch);

    std::uint64_t order_ = 0;       // of the frame that was sent last
    std::uint64_t heard_ = 0;       // the latest that has come
    std::deque<std::uint64_t> due_; // the first pieces
};

} // namespace jabberd::link
