// SPDX-License-Identifier: LGPL-2.1-or-later
// accounts add, accounts password
#include "session_manager/commands/actions.h"

#include "session_manager/accounts/naming.h"
#include "session_manager/commands/addresses.h"
#include "session_manager/commands/waiting.h"
#include "session_manager/core/new_account.h"
#include "session_manager/presence/account_end.h"

namespace jabberd::session_manager::commands {

namespace {

bool is_there(Core &core, const std::string &address)
{
    return wait_for_storage(core, to_read(), [address](Storage &storage) { return storage.accounts.exists(address); });
}

// Hashed on this thread, which has nothing else to do.
std::optional<Credentials> ask_for_credentials(const Core &core, Console &console, const std::string &address)
{
    auto given = console.password("Password of " + address + ": ");
    if (!given)
        return std::nullopt;
    auto password = new_password(given->view());
    if (!password) {
        console.complain(unusable_password);
        return std::nullopt;
    }
    const Secret secret{std::move(*password)};
    const auto options = core.settings.current();
    return make_credentials(secret.view(), options->iterations, options->digest);
}

} // namespace

jabberd_command_result add_account(Core &core, Console &console, Arguments arguments)
{
    const auto address = account_address(core, console, arguments.front(), NameOf::New);
    if (!address)
        return failed;
    const auto refuse = [&] {
        console.complain("there is an account " + *address + " already");
        return failed;
    };
    if (is_there(core, *address))
        return refuse();
    const auto credentials = ask_for_credentials(core, console, *address);
    if (!credentials)
        return failed;
    const bool made =
        wait_for_storage(core, to_change(*address),
                         [address = *address, credentials = *credentials, options = core.settings.current()](
                             Storage &storage) { return store_new_account(storage, address, credentials, *options); });
    if (!made)
        return refuse();
    account_was_made(core, *address);
    core.log.info("an account was made by the operator", {{"USER", *address}});
    console.say("the account " + *address + " is made\n");
    return done;
}

jabberd_command_result set_password(Core &core, Console &console, Arguments arguments)
{
    const auto address = account_address(core, console, arguments.front(), NameOf::Any);
    if (!address)
        return failed;
    const auto refuse = [&] {
        console.complain("there is no account " + *address);
        return failed;
    };
    if (!is_there(core, *address))
        return refuse();
    const auto credentials = ask_for_credentials(core, console, *address);
    if (!credentials)
        return failed;
    const bool changed =
        wait_for_storage(core, to_change(*address), [address = *address, credentials = *credentials](Storage &storage) {
            return storage.accounts.change(address, credentials);
        });
    if (!changed)
        return refuse();
    core.log.info("a password was changed by the operator", {{"USER", *address}});
    console.say("the password of " + *address + " is changed; sessions that there are go on\n");
    return done;
}

} // namespace jabberd::session_manager::commands
