// SPDX-License-Identifier: LGPL-2.1-or-later
// accounts list, and the names of accounts as words
#include "session_manager/commands/actions.h"
#include "session_manager/commands/waiting.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <functional>

namespace jabberd::session_manager::commands {

namespace {

constexpr unsigned page = 100; // accounts that are read at once: the storage thread has others to serve
constexpr unsigned most_words = 100;
constexpr std::size_t address_width = 40;

std::string json_text(std::string_view plain)
{
    std::string out = "\"";
    for (const char c : plain) {
        if (c == '"' || c == '\\')
            out += '\\';
        if (static_cast<unsigned char>(c) >= 0x20) {
            out += c;
            continue;
        }
        std::array<char, 8> code{};
        std::snprintf(code.data(), code.size(), "\\u%04x", static_cast<unsigned>(c));
        out += code.data();
    }
    return out + '"';
}

std::string date_of(std::int64_t time)
{
    const std::time_t seconds = time;
    std::tm parts{};
    std::array<char, 32> text{};
    gmtime_r(&seconds, &parts);
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts)};
}

std::string row(const AccountState &account, std::size_t sessions)
{
    std::string out = account.address;
    std::size_t letters = 0; // not bytes: continuations of UTF-8 take no room
    for (const char c : out)
        letters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
    out.append(letters < address_width ? address_width - letters : 1, ' ');
    std::array<char, 64> rest{};
    std::snprintf(rest.data(), rest.size(), "  %-6s  %8zu  ", account.locked ? "locked" : "open", sessions);
    return out.append(rest.data()).append(date_of(account.created)).append("\n");
}

std::string object(const AccountState &account, std::size_t sessions)
{
    return "{\"address\":" + json_text(account.address) + ",\"locked\":" + (account.locked ? "true" : "false") +
           ",\"sessions\":" + std::to_string(sessions) + ",\"created\":" + std::to_string(account.created) + "}\n";
}

std::size_t sessions_of(Core &core, const std::string &address)
{
    LockedDirectory locked{core.directory};
    const User *user = locked.user(address);
    return user == nullptr ? 0 : user->sessions.size();
}

// Page by page, by address, until `take` wants no more.
void each_page(Core &core, std::string after, const std::function<bool(const std::vector<AccountState> &)> &take)
{
    for (;;) {
        const auto accounts = wait_for_storage(
            core, to_read(), [after](Storage &storage) { return storage.accounts.behind(after, page); });
        if (accounts.empty() || !take(accounts))
            return;
        after = accounts.back().address;
    }
}

} // namespace

jabberd_command_result list_accounts(Core &core, Console &console, Arguments arguments)
{
    const bool as_json = !arguments.empty() && arguments.front() == "--json";
    if (arguments.size() > (as_json ? 1u : 0u)) {
        console.complain("accounts list takes --json, or nothing");
        return misused;
    }
    std::size_t count = 0;
    if (!as_json)
        console.say("ADDRESS" + std::string(address_width - 7, ' ') + "  STATE   SESSIONS  CREATED\n");
    each_page(core, {}, [&](const std::vector<AccountState> &accounts) {
        std::string lines;
        for (const AccountState &account : accounts)
            lines += (as_json ? object : row)(account, sessions_of(core, account.address));
        count += accounts.size();
        return console.say(lines);
    });
    if (!as_json)
        console.say("\n" + std::to_string(count) + (count == 1 ? " account\n" : " accounts\n"));
    return console.is_over() ? failed : done;
}

void complete_account(Core &core, Console &console, std::string_view begun)
{
    const std::string from{begun};
    std::size_t words = 0;
    std::string lines;
    const auto take = [&](const AccountState &account) {
        if (!account.address.starts_with(begun) || words++ == most_words)
            return false;
        lines.append(account.address).append("\n");
        return true;
    };
    // The word itself, and what is behind it.
    const auto itself =
        wait_for_storage(core, to_read(), [from](Storage &storage) { return storage.accounts.state(from); });
    if (itself)
        take(*itself);
    each_page(core, from, [&](const std::vector<AccountState> &accounts) {
        for (const AccountState &account : accounts) {
            if (!take(account))
                return false;
        }
        return true;
    });
    console.say(lines);
}

} // namespace jabberd::session_manager::commands
