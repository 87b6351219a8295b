// SPDX-License-Identifier: LGPL-2.1-or-later
// accounts rename-host
#include "session_manager/base/jid.h"
#include "session_manager/commands/actions.h"
#include "session_manager/commands/addresses.h"
#include "session_manager/commands/waiting.h"
#include "session_manager/storage/hosts.h"

namespace jabberd::session_manager::commands {

namespace {

constexpr std::size_t most_named = 10;

struct Renamed {
    std::int64_t accounts = 0;
    std::vector<std::string> taken; // addresses; then nothing is renamed
};

Renamed rename(Storage &storage, const std::string &from, const std::string &to)
{
    Renamed result;
    for (const HostAccounts &of : accounts_by_host(storage.database)) {
        if (of.host == from)
            result.accounts = of.accounts;
    }
    result.taken = rename_host(storage.database, from, to);
    return result;
}

} // namespace

jabberd_command_result rename_host_of_accounts(Core &core, Console &console, Arguments arguments)
{
    const std::string old_name{arguments[0]}, new_name{arguments[1]};
    const auto complain = [&](const std::string &what) {
        console.complain(what);
        return failed;
    };
    const auto from = prepare_host(old_name);
    const auto to = own_host(core, new_name);
    if (!from)
        return complain("'" + old_name + "' cannot be the name of a host");
    if (!to)
        return complain("'" + new_name + "' is not a host that this session manager serves; it has " +
                        names_of_hosts(core));
    if (core.is_local(*from) || core.serves_any_host())
        return complain("accounts of " + *from +
                        " are in use, for this session manager serves that host; take its <host> out of the "
                        "configuration and restart before they are renamed");
    const Renamed result = wait_for_storage(
        core, to_change({}), [from = *from, to = *to](Storage &storage) { return rename(storage, from, to); });
    if (result.accounts == 0)
        return complain("there is no account of " + *from);
    for (std::size_t i = 0; i < result.taken.size() && i < most_named; ++i)
        console.complain("there is an account " + result.taken[i] + " already");
    if (!result.taken.empty())
        return complain("nothing is renamed: " + std::to_string(result.taken.size()) + " of " +
                        std::to_string(result.accounts) + " addresses are taken");
    core.log.notice("accounts were renamed by the operator",
                    {{"FROM", *from}, {"TO", *to}, {"ACCOUNTS", std::to_string(result.accounts)}});
    console.say(std::to_string(result.accounts) + (result.accounts == 1 ? " account" : " accounts") + " of " + *from +
                (result.accounts == 1 ? " is" : " are") + " of " + *to + " now\n");
    return done;
}

} // namespace jabberd::session_manager::commands
