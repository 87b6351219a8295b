// SPDX-License-Identifier: LGPL-2.1-or-later
// accounts remove, accounts lock, accounts unlock
#include "session_manager/presence/account_end.h"

#include "session_manager/commands/actions.h"
#include "session_manager/commands/addresses.h"
#include "session_manager/commands/waiting.h"

namespace jabberd::session_manager::commands {

namespace {

// What is done to a user, inside a change of the roster.
using Change = void (*)(Core &core, LockedDirectory &locked, User &user, OnAccountChange done);

// Begins it when what is being done to the user is done, and waits for it. False: there is no such account.
bool change_account_of(Core &core, const std::string &address, Change change)
{
    const auto promise = std::make_shared<std::promise<bool>>();
    auto found = promise->get_future();
    const auto tell = [promise](LockedDirectory &locked, const AccountChange &became) {
        // When the packets have left: whoever runs the command may rely on it.
        locked.at_last([promise, became] {
            if (became.failure)
                promise->set_exception(std::make_exception_ptr(error_of(*became.failure)));
            else
                promise->set_value(became.found);
        });
    };
    {
        LockedDirectory locked{core.directory};
        locked.with_user(address, {}, [&core, tell, change](LockedDirectory &later, User &user) {
            if (user.unreadable)
                return tell(later, {false, *user.unreadable});
            later.change(user, {}, [&core, tell, change](LockedDirectory &now, User &same) {
                if (same.exists)
                    change(core, now, same, tell);
                else
                    tell(now, {});
            });
        });
    }
    return found.get();
}

jabberd_command_result change_all(Core &core, Console &console, Arguments names, Change change,
                                  const std::string &became)
{
    auto result = done;
    for (const std::string_view given : names) {
        const auto address = account_address(core, console, given, NameOf::Any);
        if (address && change_account_of(core, *address, change)) {
            if (!console.say("the account " + *address + " is " + became + "\n"))
                return failed;
            continue;
        }
        result = failed;
        if (address)
            console.complain("there is no account " + *address);
    }
    return result;
}

template <bool is_locked>
void set_locked(Core &core, LockedDirectory &locked, User &user, OnAccountChange done_with)
{
    set_account_locked(core, locked, user, is_locked, std::move(done_with));
}

} // namespace

jabberd_command_result remove_accounts(Core &core, Console &console, Arguments arguments)
{
    return change_all(
        core, console, arguments,
        [](Core &of, LockedDirectory &locked, User &user, OnAccountChange on_change) {
            remove_account(of, locked, user, {}, std::move(on_change));
        },
        "removed");
}

jabberd_command_result lock_accounts(Core &core, Console &console, Arguments arguments)
{
    return change_all(core, console, arguments, set_locked<true>, "locked");
}

jabberd_command_result unlock_accounts(Core &core, Console &console, Arguments arguments)
{
    return change_all(core, console, arguments, set_locked<false>, "unlocked");
}

} // namespace jabberd::session_manager::commands
