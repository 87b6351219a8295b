// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/state/directory.h"

#include "session_manager/state/locked_directory.h"

#include <exception>
#include <utility>

namespace jabberd::session_manager {

namespace {

struct Loaded {
    bool exists = false, locked = false;
    Roster roster;
    Blocklist blocklist;
    Backlog offline;
};

Loaded read(Storage &storage, std::string_view address)
{
    const Reading reading{storage.reading};
    const auto account = storage.accounts.state(address);
    if (!account)
        return {};
    return {true, account->locked, storage.rosters.load(address), storage.blocklists.load(address),
            storage.offline.backlog(address)};
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
        User::Operation next = user.waiting.take_front();
        try {
            next(locked, user);
        } catch (const std::exception &problem) { // no memory: those behind it must not wait for ever
            user.kept = false;
            locked.tell(problem);
        }
        if (std::exchange(user.kept, false))
            return; // the operation that keeps the user busy calls again
    }
}

void Directory::load(User &user, const Turn &turn)
{
    StorageUse use{Work::of_nobody(turn), user.address, StorageUse::Kind::Reads}; // those that wait for it hold a piece
    storage_.post(
        std::move(use), [&user](Storage &storage) { return read(storage, user.address); },
        [this, &user](Loaded loaded) {
            {
                LockedDirectory locked{*this};
                user.exists = loaded.exists;
                user.locked = loaded.locked;
                user.offline = loaded.offline;
                if (!locked.keep(user, std::move(loaded.roster), std::move(loaded.blocklist))) {
                    user.exists = false;
                    user.unreadable = StorageFailure::Memory;
                }
            }
            serve(user);
        },
        [this, &user](StorageFailure why) {
            {
                const LockedDirectory locked{*this};
                user.unreadable = why; // operations find no account rather than wait for ever
            }
            serve(user);
        });
}

} // namespace jabberd::session_manager
