// SPDX-License-Identifier: LGPL-2.1-or-later
// Who is here: users and sessions in memory, behind one lock.
#pragma once

#include "session_manager/base/outlet.h"
#include "session_manager/state/ended_sessions.h"
#include "session_manager/state/user.h"
#include "session_manager/storage/storage_thread.h"

#include <atomic>
#include <exception>
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
    // `on_problem` is told of what goes wrong where nobody can be answered. [any-thread, without the lock]
    using OnProblem = std::function<void(const std::exception &)>;

    Directory(Outlet &outlet, StorageThread &storage, OnProblem on_problem)
        : outlet_(outlet), storage_(storage), on_problem_(std::move(on_problem))
    {
    }
    Directory(const Directory &) = delete;
    Directory &operator=(const Directory &) = delete;

    // Runs a busy user's waiting operations, until none is left and the user is at rest. Called without the lock, by
    // the job that the user was kept busy for, when it is done.
    void serve(User &user);

    // What the rosters of all who are in memory take, and may take before those with more than an equal part of it have
    // to do without. [any-thread]
    Quota &roster_quota() { return of_all_rosters_; }
    std::size_t roster_bytes() const { return rosters_.held(); }

    std::size_t sessions() const { return session_count_; } // [any-thread]

private:
    friend class LockedDirectory;

    void load(User &user, const Turn &turn); // makes a job of it

    Outlet &outlet_;
    StorageThread &storage_;
    const OnProblem on_problem_;
    Quota of_all_rosters_{0}, of_a_roster_{0}; // how large one may be says has_room() (presence/roster_room.h)
    Share rosters_{of_all_rosters_};
    std::mutex mutex_;
    ByAddress<std::unique_ptr<User>> users_;
    ByAddress<std::shared_ptr<Session>> sessions_;
    EndedSessions ended_;
    std::uint64_t activity_ = 0;
    std::atomic<std::size_t> session_count_ = 0;
};

} // namespace jabberd::session_manager
