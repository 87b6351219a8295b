// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/presence/account_end.h"

#include "session_manager/presence/session_end.h"
#include "session_manager/presence/subscriptions.h"

#include <utility>

namespace jabberd::session_manager {

namespace {

void end_sessions(Core &core, LockedDirectory &locked, const User &user, std::string_view reason,
                  const packet::EndReason &end)
{
    const auto sessions = user.sessions; // ending one takes it out of the list
    for (const auto &each : sessions)
        end_session(core, locked, *each, reason, end);
}

// The account is not in the database any more.
void forget_account(Core &core, LockedDirectory &locked, User &user)
{
    locked.afterwards([&core, address = user.address] {
        core.log.info("an account was removed", {{"USER", address}});
    });
    user.exists = user.locked = false;
    for (const auto &[contact, item] : std::exchange(user.roster, {}))
        subscriptions::cancel(core, locked, user, *item);
    user.blocklist = {};
    // not-authorized: XEP-0077 §3.2
    end_sessions(core, locked, user, "the account was removed", {"not-authorized", "The account was removed"});
    user.offline = {};
}

// Has `run` store the change, and `kept` make it in memory, where there was something to change.
template <typename Run, typename Kept>
void change_account(Core &core, LockedDirectory &locked, User &user, Work work, Run run, Kept kept,
                    OnAccountChange done)
{
    locked.keep_changing(user);
    const auto told = std::make_shared<OnAccountChange>(std::move(done)); // by one of the two
    core.storage.post(
        {std::move(work), user.address, StorageUse::Kind::Changes}, std::move(run),
        [&core, &user, told, kept = std::move(kept)](bool found) mutable {
            LockedDirectory later{core.directory};
            const LockedDirectory::EndOfChange end{later, user};
            (*told)(later, {found, std::nullopt});
            kept(later, user);
        },
        [&core, &user, told](StorageFailure why) {
            LockedDirectory failed{core.directory};
            const LockedDirectory::EndOfChange end{failed, user};
            (*told)(failed, {false, why});
        });
}

} // namespace

void remove_account(Core &core, LockedDirectory &locked, User &user, Work work, OnAccountChange done)
{
    change_account(
        core, locked, user, std::move(work),
        [address = user.address](Storage &storage) { return storage.accounts.remove(address); },
        [&core](LockedDirectory &later, User &same) { forget_account(core, later, same); }, std::move(done));
}

void set_account_locked(Core &core, LockedDirectory &locked, User &user, bool is_locked, OnAccountChange done)
{
    change_account(
        core, locked, user, {},
        [address = user.address, is_locked](Storage &storage) {
            return storage.accounts.set_locked(address, is_locked);
        },
        [&core, is_locked](LockedDirectory &later, User &same) {
            same.locked = is_locked;
            later.afterwards([&core, address = same.address, is_locked] {
                core.log.info(is_locked ? "an account was locked" : "an account was unlocked", {{"USER", address}});
            });
            if (is_locked)
                end_sessions(core, later, same, "the account was locked",
                             {"not-authorized", "The account was locked by the operator"});
        },
        std::move(done));
}

void account_was_made(Core &core, const std::string &address)
{
    LockedDirectory locked{core.directory};
    User *user = locked.user(address);
    if (user == nullptr)
        return;
    if (user->exists)
        forget_account(core, locked, *user);
    user->exists = true;
}

} // namespace jabberd::session_manager
