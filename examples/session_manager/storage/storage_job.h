// SPDX-License-Identifier: LGPL-2.1-or-later
// Something to be done with the database, and what follows when that is on disk, or has failed.
#pragma once

#include "session_manager/base/work.h"
#include "session_manager/storage/storage.h"

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace jabberd::session_manager {

// Whose work it is, and what it does.
struct StorageUse {
    enum class Kind {
        Reads,
        Changes,
        Alone, // outside of any transaction
    };

    Work work;
    std::string owner; // jobs of one owner run in the order in which they were posted; "": in any order
    Kind kind = Kind::Reads;
};

// On the storage thread. Exactly one of done() and failed() is called, once, outside of any transaction.
class StorageJob {
public:
    explicit StorageJob(StorageUse use) : use_(std::move(use)) {}
    virtual ~StorageJob() = default;

    const StorageUse &use() const { return use_; }
    // It waits no longer: whoever is told of it may ask for more at once.
    void give_work_back() { use_.work = {}; }

    // In a transaction with others, and once more by itself when that fails: it has no effect beside what it writes.
    // Throws what it likes.
    virtual void run(Storage &storage) = 0;
    virtual void done() = 0;                     // what it changed is stored
    virtual void failed(StorageFailure why) = 0; // nothing of it is

private:
    StorageUse use_;
};

// Of three callables: `run` takes the storage, and `done` what it returns.
template <typename Run, typename Done, typename Failed>
class StorageJobOf final : public StorageJob {
public:
    StorageJobOf(StorageUse use, Run run, Done done, Failed failed)
        : StorageJob(std::move(use)), run_(std::move(run)), done_(std::move(done)), failed_(std::move(failed))
    {
    }

    void run(Storage &storage) override { result_.emplace(run_(storage)); }
    void done() override { done_(std::move(*result_)); }
    void failed(StorageFailure why) override { failed_(why); }

private:
    Run run_;
    Done done_;
    Failed failed_;
    std::optional<std::invoke_result_t<Run &, Storage &>> result_;
};

} // namespace jabberd::session_manager
