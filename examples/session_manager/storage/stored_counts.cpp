// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/storage/stored_counts.h"

namespace jabberd::session_manager {

std::optional<StoredCounts::Counts> StoredCounts::ask(StorageThread &storage, std::chrono::milliseconds patience)
{
    std::unique_lock lock{asked_->mutex};
    if (!asked_->is_asked) {
        asked_->is_asked = true;
        lock.unlock(); // the storage may fail it at once, on this thread
        const auto answer = [asked = asked_](const std::optional<Counts> &counts) {
            const std::lock_guard other{asked->mutex};
            asked->is_asked = false;
            asked->last = counts;
            asked->answered.notify_all();
        };
        storage.post(
            {},
            [served = served_](Storage &stored) {
                Counts counts{stored.accounts.count(), stored.offline.count(), {}};
                if (served)
                    counts.elsewhere = accounts_elsewhere(stored.database, *served);
                return counts;
            },
            [answer](const Counts &counted) { answer(counted); }, [answer](StorageFailure) { answer(std::nullopt); });
        lock.lock();
    }
    asked_->answered.wait_for(lock, patience, [this] { return !asked_->is_asked; });
    return asked_->last;
}

} // namespace jabberd::session_manager
