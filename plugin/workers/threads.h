// SPDX-License-Identifier: LGPL-2.1-or-later
// Which event loops have threads of their own: each one always, or as few as the load needs.
#pragma once

#include "base/clock.h"
#include "workers/scaling.h"
#include "workers/worker.h"

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

namespace jabberd::workers {

// Two loops with threads of their own, where one thread would keep up, cost half as much again for each message: the
// threads sleep, and wake each other. So the first loop's thread serves the others as well (event::Loop::nest), and
// a connection has its loop for life all the same. When that thread has no time left, and the machine has a processor
// that has nothing to do, one of the others gets a thread; when both could do with one, it goes.
class Threads {
public:
    // There is one worker at least; borrowed for life.
    explicit Threads(std::vector<std::unique_ptr<Worker>> &workers) : workers_(workers) {}

    // [main] Their loops run. `follow`: the load; otherwise each on a thread of its own. Throws std::system_error where
    // there is no room for a thread.
    void start(bool follow);
    void halt();

    // [any thread] How many there are.
    std::size_t count() const { return count_; }

private:
    struct Other { // a worker that may be without a thread
        Worker *worker;
        bool has_thread = false;
        Duration had{0};  // of a processor, at the last look
        double share = 0; // of a processor, between the last two
    };

    void look(Time now);
    void spread();
    void gather(Other &other);
    void stopped(Other &other);
    Other *least_busy();

    std::vector<std::unique_ptr<Worker>> &workers_;
    std::atomic<std::size_t> count_{0};

    // of the first worker's thread, while it runs
    std::vector<Other> others_;
    Scaling scaling_;
    Time last_look_{};
    Duration had_{0};
    const Other *stopping_ = nullptr;
};

} // namespace jabberd::workers
