// SPDX-License-Identifier: LGPL-2.1-or-later
// Ends all connections of a worker, some at a time.
#pragma once

#include "base/slots.h"
#include "event/timers.h"
#include "stream/stream_error.h"

#include <string>
#include <vector>

namespace jabberd::workers {

class Worker;

// A server that ends all its clients at once is met by all of them at once when they come back, elsewhere or here.
// Lives on the worker's loop.
class Drain final : private event::Timer {
public:
    // Ends the first ones now, the last when `time` is over.
    Drain(Worker &worker, const stream::StreamError &error, Duration time);

private:
    void on_timer() override;

    Worker &worker_;
    const std::string content_; // error_ points here
    const stream::StreamError error_;
    const Time end_;
    std::vector<SlotId> left_;
};

} // namespace jabberd::workers
