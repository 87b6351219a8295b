// SPDX-License-Identifier: LGPL-2.1-or-later
// accounts export
#include "session_manager/portable/writer.h"

#include "session_manager/commands/actions.h"
#include "session_manager/commands/addresses.h"
#include "session_manager/commands/waiting.h"
#include "session_manager/storage/hosts.h"

#include "base/address.h"

#include <algorithm>

namespace jabberd::session_manager::commands {

namespace {

constexpr unsigned names_at_once = 100;

// One account is one job of the storage thread, and one output: neither the one nor memory is taken by all of them.
class Exporter {
public:
    Exporter(Core &core, Console &console) : core_(core), console_(console) {}

    bool begin() { return console_.say(portable::begin_of_data()); }
    bool end() { return console_.say((host_.empty() ? "" : portable::end_of_host()) + portable::end_of_data()); }

    // False: there is no such account, or the run is over.
    bool write(const std::string &address)
    {
        const auto account =
            wait_for_storage(core_, to_read(), [address](Storage &storage) { return take_account(storage, address); });
        if (!account)
            return false;
        std::string out;
        if (account->host != host_)
            out = (host_.empty() ? "" : portable::end_of_host()) + portable::begin_of_host(account->host);
        host_ = account->host;
        return console_.say(out + portable::user_element(*account));
    }

    bool write_host(const std::string &host)
    {
        for (std::string last;;) {
            const auto accounts = wait_for_storage(core_, to_read(), [host, last](Storage &storage) {
                return storage.accounts.of_host_behind(host, last, names_at_once);
            });
            for (const AccountState &account : accounts) {
                // One that has been removed meanwhile is left out.
                if (!write(account.address) && console_.is_over())
                    return false;
            }
            if (accounts.empty())
                return true;
            last = accounts.back().address;
        }
    }

private:
    Core &core_;
    Console &console_;
    std::string host_; // that is open
};

bool by_host(const std::string &a, const std::string &b)
{
    const std::string_view host_of_a = split_address(a).host, host_of_b = split_address(b).host;
    return host_of_a != host_of_b ? host_of_a < host_of_b : a < b;
}

} // namespace

jabberd_command_result export_accounts(Core &core, Console &console, Arguments arguments)
{
    std::vector<std::string> addresses;
    for (const std::string_view given : arguments) {
        const auto address = account_address(core, console, given, NameOf::Any);
        if (!address)
            return failed;
        addresses.push_back(*address);
    }
    std::ranges::sort(addresses, by_host);
    addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());

    auto result = done;
    Exporter exporter{core, console};
    exporter.begin();
    for (const std::string &address : addresses) {
        if (exporter.write(address))
            continue;
        console.complain("there is no account " + address);
        result = failed;
    }
    if (arguments.empty()) {
        for (const HostAccounts &of :
             wait_for_storage(core, to_read(), [](Storage &storage) { return accounts_by_host(storage.database); })) {
            if (!exporter.write_host(of.host))
                return failed;
        }
    }
    return exporter.end() ? result : failed;
}

} // namespace jabberd::session_manager::commands
