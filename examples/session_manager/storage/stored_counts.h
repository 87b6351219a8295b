// SPDX-License-Identifier: LGPL-2.1-or-later
// How much there is in the database, for operators who ask.
#pragma once

#include "session_manager/storage/hosts.h"
#include "session_manager/storage/storage_thread.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace jabberd::session_manager {

class StoredCounts {
public:
    struct Counts {
        std::int64_t accounts, offline_messages;
        std::vector<HostAccounts> elsewhere; // where that was asked for
    };

    // [main] Counts accounts of other hosts than these, too, which takes longer.
    void look_elsewhere(std::vector<std::string> served) { served_ = std::move(served); }

    // [main] Has them counted, and waits no longer than that: a busy storage thread keeps nobody waiting, and is not
    // asked again before it has answered. Then the answer is what was counted last; nothing before the first time, or
    // when the database has failed.
    std::optional<Counts> ask(StorageThread &storage, std::chrono::milliseconds patience);

private:
    struct Asked {
        std::mutex mutex;
        std::condition_variable answered;
        bool is_asked = false;
        std::optional<Counts> last;
    };

    std::optional<std::vector<std::string>> served_;
    const std::shared_ptr<Asked> asked_ =
        std::make_shared<Asked>(); // the storage thread may answer later than this lives
};

} // namespace jabberd::session_manager
