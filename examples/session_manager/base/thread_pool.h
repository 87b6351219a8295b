// SPDX-License-Identifier: LGPL-2.1-or-later
// Threads of our own for what must not block a socket loop.
#pragma once

#include "session_manager/base/move_only_function.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace jabberd::session_manager {

// A queue of jobs and the threads that work it off, in order when there is one thread. A job must not throw.
class ThreadPool {
public:
    using Job = MoveOnlyFunction<void()>;

    // Nothing runs before start(). `after_each` is called on the working thread, without a lock, whenever a job is
    // done.
    ThreadPool(std::string thread_name, std::function<void()> after_each);
    ~ThreadPool() { finish(); }
    ThreadPool(const ThreadPool &) = delete;
    ThreadPool &operator=(const ThreadPool &) = delete;

    void start(unsigned threads);

    // Works off what is queued, then joins. What is posted later is never run.
    void finish();

    // [any-thread] Never waits for a job; a caller that posts much asks queued() and slows down.
    void post(Job job);
    std::size_t queued() const { return queued_; }

    // [any-thread but a working one] Waits until nothing is queued and nothing runs. False: the deadline came first.
    bool wait_idle(std::chrono::milliseconds deadline);

private:
    void work();

    const std::string thread_name_;
    const std::function<void()> after_each_;
    std::mutex mutex_;
    std::condition_variable posted_;
    std::condition_variable idle_;
    std::deque<Job> jobs_;
    std::atomic<std::size_t> queued_ = 0; // jobs_.size(), which is asked with every packet
    std::size_t running_ = 0;
    bool ending_ = false;
    std::vector<std::thread> threads_;
};

} // namespace jabberd::session_manager
