// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/base/thread_pool.h"

#include "base/signals_blocked.h"

#include <pthread.h>

namespace jabberd::session_manager {

ThreadPool::ThreadPool(std::string thread_name, std::function<void()> after_each, OnProblem on_problem)
    : thread_name_(std::move(thread_name)), after_each_(std::move(after_each)), on_problem_(std::move(on_problem))
{
}

void ThreadPool::finish()
{
    {
        const std::lock_guard lock{mutex_};
        ending_ = true;
    }
    posted_.notify_all();
    for (std::thread &thread : threads_)
        thread.join();
    threads_.clear();
}

void ThreadPool::start(unsigned threads)
{
    const SignalsBlocked blocked;
    for (unsigned i = 0; i < threads; ++i) {
        threads_.emplace_back([this] { work(); });
        pthread_setname_np(threads_.back().native_handle(), thread_name_.c_str());
    }
}

void ThreadPool::post(const Turn &turn, Job job)
{
    {
        const std::lock_guard lock{mutex_};
        jobs_.push(turn, std::move(job));
    }
    posted_.notify_one();
}

bool ThreadPool::wait_idle(std::chrono::milliseconds deadline)
{
    std::unique_lock lock{mutex_};
    return idle_.wait_for(lock, deadline, [this] { return jobs_.empty() && running_ == 0; });
}

std::size_t ThreadPool::waiting()
{
    const std::lock_guard lock{mutex_};
    return jobs_.size();
}

void ThreadPool::work()
{
    std::unique_lock lock{mutex_};
    for (;;) {
        posted_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
        if (jobs_.empty())
            return;
        {
            Job job = jobs_.pop();
            ++running_;
            lock.unlock();
            try {
                job();
            } catch (const std::exception &problem) {
                on_problem_(problem);
            }
        } // what the job owned is freed before the lock is taken again
        after_each_();
        lock.lock();
        --running_;
        if (jobs_.empty() && running_ == 0)
            idle_.notify_all();
    }
}

} // namespace jabberd::session_manager
