// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/storage/storage_thread.h"

namespace jabberd::session_manager {

StorageThread::StorageThread(const std::string &path, const Log &log, std::function<void()> after_each)
    : log_(log), storage_(path), thread_("sm-storage", std::move(after_each))
{
}

void StorageThread::post(Job job)
{
    thread_.post([this, job = std::move(job)]() mutable {
        try {
            job(storage_);
        } catch (const std::exception &error) {
            log_.error("the database failed", {{"REASON", error.what()}});
        }
    });
}

} // namespace jabberd::session_manager
