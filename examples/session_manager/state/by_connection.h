// SPDX-License-Identifier: LGPL-2.1-or-later
// What is remembered of connections that are on their way to a session: bounded in number and in time.
#pragma once

#include "base/clock.h"
#include "session_manager/state/directory.h"

#include <list>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace jabberd::session_manager {

// One value a connection; values copy. [any-thread] It calls nothing else, so any other lock may be held.
template <typename Value>
class ByConnection {
public:
    using Entry = std::pair<std::string, Value>; // connection, value

    ByConnection(std::size_t most, Duration lifetime) : most_(most), lifetime_(lifetime) {}

    // In place of what was there. Returns those that had to go: too old, or the oldest of too many.
    std::vector<Entry> put(std::string_view connection, Value value, Time now)
    {
        const std::lock_guard lock{mutex_};
        remove(connection);
        std::vector<Entry> gone;
        while (!entries_.empty() && (entries_.size() >= most_ || entries_.front().since + lifetime_ <= now)) {
            gone.emplace_back(entries_.front().connection, entries_.front().value);
            remove(gone.back().first);
        }
        entries_.push_back({std::string{connection}, std::move(value), now});
        known_.emplace(connection, std::prev(entries_.end()));
        return gone;
    }

    std::optional<Value> find(std::string_view connection, Time now) const
    {
        const std::lock_guard lock{mutex_};
        const auto found = known_.find(connection);
        if (found == known_.end() || found->second->since + lifetime_ <= now)
            return std::nullopt;
        return found->second->value;
    }

    // False: it was not there.
    bool erase(std::string_view connection)
    {
        const std::lock_guard lock{mutex_};
        return remove(connection);
    }

    // Only when it is that value still.
    bool erase(std::string_view connection, const Value &value)
    {
        const std::lock_guard lock{mutex_};
        const auto found = known_.find(connection);
        return found != known_.end() && found->second->value == value && remove(connection);
    }

    std::vector<Entry> take_all()
    {
        const std::lock_guard lock{mutex_};
        std::vector<Entry> all;
        for (const Held &held : entries_)
            all.emplace_back(held.connection, held.value);
        known_.clear();
        entries_.clear();
        return all;
    }

private:
    struct Held {
        std::string connection;
        Value value;
        Time since;
    };

    bool remove(std::string_view connection)
    {
        const auto found = known_.find(connection);
        if (found == known_.end())
            return false;
        entries_.erase(found->second);
        known_.erase(found);
        return true;
    }

    const std::size_t most_;
    const Duration lifetime_;
    mutable std::mutex mutex_;
    std::list<Held> entries_; // oldest first
    ByAddress<typename std::list<Held>::iterator> known_;
};

} // namespace jabberd::session_manager
