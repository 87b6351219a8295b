// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/state/directory.h"

#include "session_manager/state/locked_directory.h"

#include <exception>
#include <utility>

namespace jabberd::session_manager {

namespace {

struct Loaded {
    bool exists = false;
    Roster roster;
    Backlog offline;
};

Loaded read(Storage &storage, std::string_view address)
{
    if (!storage.accounts.exists(address))
        return {};
    return {true, storage.rosters.load(address), storage.offline.backlog(address)};
}

} // namespace

void Directory::serve(User &user)
{
    for (;;) {
        LockedDirectory locked{*this};
        if (user.waiting.empty()) {
            user.busy = false;
            locked.idle_.push_back(&user);
            return;
        }
        User::Operation next = std::move(user.waiting.front());
        user.waiting.pop_front();
        --waiting_count_;
        next(locked, user);
        if (std::exchange(user.kept, false))
            return; // the operation that keeps the user busy calls again
    }
}

void Directory::load(User &user)
{
    storage_.post([this, &user](Storage &storage) {
        Loaded loaded;
        std::exception_ptr problem;
        try {
            loaded = read(storage, user.address);
        } catch (const StorageError &) {
            problem = std::current_exception(); // operations shall find no account rather than wait for ever
        }
        {
            const LockedDirectory locked{*this};
            user.exists = loaded.exists;
            user.roster = std::move(loaded.roster);
            user.offline = loaded.offline;
        }
        serve(user);
        if (problem)
            std::rethrow_exception(problem); // to be logged
    });
}

} // namespace jabberd::session_manager
