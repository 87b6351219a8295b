// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/commands/addresses.h"

#include "base/address.h"
#include "session_manager/accounts/naming.h"
#include "session_manager/base/jid.h"

namespace jabberd::session_manager::commands {

std::string names_of_hosts(const Core &core)
{
    std::string all;
    for (const std::string &host : core.hosts())
        all.append(all.empty() ? "" : ", ").append(host);
    return all;
}

std::optional<std::string> own_host(const Core &core, std::string_view given)
{
    auto host = prepare_host(given);
    return host && (core.is_local(*host) || core.serves_any_host()) ? host : std::nullopt;
}

std::optional<std::string> account_address(const Core &core, Console &console, std::string_view given, NameOf account)
{
    const auto complain = [&](const std::string &what) {
        console.complain("'" + std::string{given} + "' " + what);
        return std::nullopt;
    };
    const auto at = given.find('@');
    if (at == std::string_view::npos && core.hosts().size() != 1)
        return complain("may be of several hosts; name one, as in " + std::string{given} + "@" +
                        (core.hosts().empty() ? "foo.com" : core.hosts().front()));
    const auto host = at == std::string_view::npos ? core.hosts().front() : own_host(core, given.substr(at + 1));
    if (!host)
        return complain("is of a host that this session manager does not serve; it has " + names_of_hosts(core));
    const std::string_view name = given.substr(0, at);
    const auto user = account == NameOf::New ? new_account_name(name) : prepare_user(name);
    if (!user)
        return complain("cannot be the name of an account: " + std::string{unusable_name});
    return *user + '@' + *host;
}

} // namespace jabberd::session_manager::commands
