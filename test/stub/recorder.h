// SPDX-License-Identifier: LGPL-2.1-or-later
// What a component did, kept for the test thread to wait for.
#pragma once

#include "support/patience.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace jabberd::test {

// Any thread adds, the test thread takes and looks.
template <typename Record>
class Recorder {
public:
    void add(Record record)
    {
        {
            const std::lock_guard lock{mutex_};
            records_.push_back(std::move(record));
        }
        added_.notify_all();
    }

    // The oldest record, removed; nothing when none comes in time.
    std::optional<Record> take(Clock::time_point deadline = soon())
    {
        std::unique_lock lock{mutex_};
        if (!added_.wait_until(lock, deadline, [this] { return !records_.empty(); }))
            return std::nullopt;
        Record oldest = std::move(records_.front());
        records_.pop_front();
        return oldest;
    }

    // Whether a record of that kind is there, or comes in time. It stays.
    template <typename Predicate>
    bool wait_for(Predicate wanted, Clock::time_point deadline = soon())
    {
        std::unique_lock lock{mutex_};
        return added_.wait_until(lock, deadline, [&] { return std::any_of(records_.begin(), records_.end(), wanted); });
    }

    // Calls `look` with each; it must not wait for anything.
    template <typename Look>
    void for_each(Look look) const
    {
        const std::lock_guard lock{mutex_};
        std::for_each(records_.begin(), records_.end(), look);
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable added_;
    std::deque<Record> records_;
};

} // namespace jabberd::test
