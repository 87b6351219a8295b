// SPDX-License-Identifier: LGPL-2.1-or-later
// Queues are lent, not owned: a connection with nothing to write has none.
#pragma once

#include "net/out_queue.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace jabberd::net {

// Of one event loop; not thread-safe.
class QueuePool {
public:
    std::unique_ptr<OutQueue> borrow()
    {
        if (kept_.empty())
            return std::make_unique<OutQueue>();
        auto queue = std::move(kept_.back());
        kept_.pop_back();
        return queue;
    }

    // An empty one; it keeps its buffers.
    void give_back(std::unique_ptr<OutQueue> queue)
    {
        if (kept_.size() < max_kept)
            kept_.push_back(std::move(queue));
    }

private:
    static constexpr std::size_t max_kept = 256; // as many as there are events in a turn; at most 5 MB

    std::vector<std::unique_ptr<OutQueue>> kept_;
};

} // namespace jabberd::net
