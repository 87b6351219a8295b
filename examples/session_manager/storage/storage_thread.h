// SPDX-License-Identifier: LGPL-2.1-or-later
// The one thread that touches the database, so that no socket loop ever waits for a disk.
#pragma once

#include "base/duration_histogram.h"
#include "base/tally.h"
#include "session_manager/base/log.h"
#include "session_manager/base/seldom.h"
#include "session_manager/base/thread_pool.h"
#include "session_manager/storage/storage_job.h"
#include "session_manager/storage/transaction.h"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace jabberd::session_manager {

// Takes several jobs at once, by turns, and commits what they change together, before any of them is done. When that
// fails, each has a transaction of its own, so that it fails for its own reasons only.
class StorageThread {
public:
    // Opens the database; throws StorageError.
    StorageThread(const std::string &path, const Log &log, std::function<void()> after_some);

    void start() { thread_.start(1); }

    // [any-thread] `run` takes the storage and returns something, `done` takes that, and `failed` a StorageFailure; see
    // StorageJob.
    template <typename Run, typename Done, typename Failed>
    void post(StorageUse use, Run run, Done done, Failed failed)
    {
        post(std::make_unique<StorageJobOf<Run, Done, Failed>>(std::move(use), std::move(run), std::move(done),
                                                               std::move(failed)));
    }
    void post(std::unique_ptr<StorageJob> job);

    // [any-thread] Another waits for a job of that owner: it is done in whichever turn comes first.
    void expect(const Turn &turn, const std::string &owner);

    void finish() { thread_.finish(); }
    bool wait_idle(std::chrono::milliseconds deadline) { return thread_.wait_idle(deadline); }

    std::size_t waiting(); // [any-thread] jobs

    // Of transactions, each with all of its jobs; jobs that were done; and those that the database has failed.
    struct Figures {
        DurationHistogram time;
        Tally done, failed;
    };
    const Figures &figures() const { return figures_; } // [any-thread]

private:
    using JobPtr = std::unique_ptr<StorageJob>;

    // A place in a turn: for one job, or for the oldest of an owner.
    struct Ticket {
        JobPtr job;
        std::string owner;
    };

    // A job that has run, and why it could not.
    struct Attempt {
        JobPtr job;
        std::optional<StorageError> failure;
    };

    void push(const Turn &turn, Ticket ticket);
    JobPtr next(); // null: none is left
    void work();
    void run_some();
    void run(Attempt &attempt, Transaction &transaction);
    void settle(std::vector<Attempt> &attempts, Transaction &transaction);
    void run_alone(Attempt &attempt);
    void tell(Attempt &attempt);
    void log_failure(std::string_view reason);

    const Log &log_;
    Storage storage_; // touched by the thread only, once it is started
    TransactionStatements statements_{storage_.database};
    Figures figures_;
    bool locked_ = false; // another process had the database locked when it was last tried
    Seldom logging_{std::chrono::seconds{1}};

    std::mutex mutex_;
    TurnQueue<Ticket> tickets_;
    std::unordered_map<std::string, std::deque<JobPtr>> of_owners_;
    bool scheduled_ = false; // the thread knows that there are jobs
    ThreadPool thread_;      // last: its destructor works off jobs that need the rest
};

} // namespace jabberd::session_manager
