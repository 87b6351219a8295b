// SPDX-License-Identifier: LGPL-2.1-or-later
// The one thread that touches the database, so that no socket loop ever waits for a disk.
#pragma once

#include "session_manager/base/log.h"
#include "session_manager/base/thread_pool.h"
#include "session_manager/storage/storage.h"

#include <memory>

namespace jabberd::session_manager {

// Jobs run in the order they were posted. One that throws is logged and forgotten; a job that owes an answer catches
// for itself.
class StorageThread {
public:
    using Job = MoveOnlyFunction<void(Storage &)>;

    // Opens the database; throws StorageError.
    StorageThread(const std::string &path, const Log &log, std::function<void()> after_each);

    void start() { thread_.start(1); }
    void post(Job job); // [any-thread]
    void finish() { thread_.finish(); }
    std::size_t queued() const { return thread_.queued(); }
    bool wait_idle(std::chrono::milliseconds deadline) { return thread_.wait_idle(deadline); }

private:
    const Log &log_;
    Storage storage_;   // touched by the thread only, once it is started
    ThreadPool thread_; // last: its destructor works off jobs that need the rest
};

} // namespace jabberd::session_manager
