// SPDX-License-Identifier: LGPL-2.1-or-later
// Who is here: users and sessions in memory, behind one lock.
#pragma once

#include "session_manager/base/outlet.h"
#include "session_manager/state/ended_sessions.h"
#include "session_manager/state/user.h"
#include "session_manager/storage/storage_thread.h"

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace jabberd::session_manager {

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
};
template <typename Value>
using ByAddress = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

// Everything is reached through a LockedDirectory, which holds the lock. One lock for all users: it is held for some
// hash lookups, never for a delivery, a parser or a disk.
class Directory {
public:
    Directory(Outlet &outlet, StorageThread &storage) : outlet_(outlet), storage_(storage) {}
    Directory(const Directory &) = delete;
    Directory &operator=(const Directory &) = delete;

    // Runs a busy user's waiting operations, until none is left and the user is at rest. Called without the lock, by
    // the job that the user was kept busy for, when it is done.
    void serve(User &user);

    std::size_t sessions() const { return session_count_; } // [any-thread]
    std::size_t waiting() const { return waiting_count_; }  // [any-thread] operations of all busy users

private:
    friend class LockedDirectory;

    void load(User &user); // makes a job of it

    Outlet &outlet_;
    StorageThread &storage_;
    std::mutex mutex_;
    ByAddress<std::unique_ptr<User>> users_;
    ByAddress<std::shared_ptr<Session>> sessions_;
    EndedSessions ended_;
    std::uint64_t activity_ = 0;
    std::atomic<std::size_t> session_count_ = 0;
    std::atomic<std::size_t> waiting_count_ = 0;
};

} // namespace jabberd::session_manager
