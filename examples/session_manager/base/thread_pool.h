// SPDX-License-Identifier: LGPL-2.1-or-later
// Threads of our own for what must not block a socket loop.
#pragma once

#include "session_manager/base/move_only_function.h"
#include "session_manager/base/turns.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace jabberd::session_manager {

// Jobs, and the threads that work them off: those of one turn in order when there is one thread, and nobody waits for
// all jobs of another.
class ThreadPool {
public:
    using Job = MoveOnlyFunction<void()>;

    // Nothing runs before start(). `after_each` is called on the working thread, without a lock, whenever a job is
    // done, and `on_problem` before that with what it has thrown.
    using OnProblem = std::function<void(const std::exception &)>;
    ThreadPool(std::string thread_name, std::function<void()> after_each, OnProblem on_problem);
    ~ThreadPool() { finish(); }
    ThreadPool(const ThreadPool &) = delete;
    ThreadPool &operator=(const ThreadPool &) = delete;

    void start(unsigned threads);

    // Works off what is queued, then joins. What is posted later is never run.
    void finish();

    void post(const Turn &turn, Job job); // [any-thread] Never waits for a job.

    // [any-thread but a working one] Waits until nothing is queued and nothing runs. False: the deadline came first.
    bool wait_idle(std::chrono::milliseconds deadline);

    std::size_t waiting(); // [any-thread] How many jobs no thread has begun.

private:
    void work();

    const std::string thread_name_;
    const std::function<void()> after_each_;
    const OnProblem on_problem_;
    std::mutex mutex_;
    std::condition_variable posted_;
    std::condition_variable idle_;
    TurnQueue<Job> jobs_;
    std::size_t running_ = 0;
    bool ending_ = false;
    std::vector<std::thread> threads_;
};

} // namespace jabberd::session_manager
