// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/commands/accounts.h"

#include "base/view.h"
#include "session_manager/commands/actions.h"
#include "session_manager/commands/waiting.h"

#include <algorithm>
#include <chrono>
#include <string>

namespace jabberd::session_manager::commands {

namespace {

constexpr std::chrono::seconds advice_patience{1};

struct Action {
    enum class Names { None, One, Two, Some, Any }; // that it takes

    std::string_view name, arguments, summary;
    Names names;
    jabberd_command_result (*run)(Core &core, Console &console, Arguments arguments);
};

constexpr Action actions[] = {
    {"list", " [--json]", "all accounts, by address", Action::Names::None, list_accounts},
    {"add", " NAME", "make an account; its password is asked for", Action::Names::One, add_account},
    {"remove", " NAME…", "end accounts, with all that is stored for them", Action::Names::Some, remove_accounts},
    {"password", " NAME", "set another password", Action::Names::One, set_password},
    {"lock", " NAME…", "end the sessions, and let none begin", Action::Names::Some, lock_accounts},
    {"unlock", " NAME…", "let them log in again", Action::Names::Some, unlock_accounts},
    {"export", " [NAME…]", "write these, or all, to the standard output", Action::Names::Any, export_accounts},
    {"import", "", "make accounts of what the standard input has", Action::Names::None, import_accounts},
    {"rename-host", " OLD NEW", "accounts of a host that was renamed get its new name", Action::Names::Two,
     rename_host_of_accounts},
};

constexpr std::string_view more =
    "\n"
    "NAME is an address, such as alice@foo.com, or the part in front of the @ where there is one host only. It is\n"
    "prepared as that of an account which a client registers.\n"
    "\n"
    "A password is asked for at the terminal, twice and without echo. Where the standard input is no terminal, it is\n"
    "the next line of that: printf '%s\\n' \"$PASSWORD\" | jabberd-ctl accounts add alice. It is never an argument.\n"
    "\n"
    "An account that is removed is gone as when its client had removed it: its sessions end, its contacts are told.\n"
    "One that is locked keeps what it has, and messages go on being stored for it. A new password ends no session:\n"
    "lock and unlock the account for that.\n"
    "\n"
    "export writes XML as XEP-0227 has it: keys of SCRAM, contacts and requests, vCard, private XML, blocked\n"
    "addresses, messages that wait, and no password. Whoever has the keys can pass for the server towards the\n"
    "account's clients, and can try passwords: keep the file as you keep the database.\n"
    "import reads such a file, of this or another server, and makes each account with all that it has, or not at all.\n"
    "One that is here already stays as it is, and is named with its line; what is not understood is named and left "
    "out.\n"
    "The exit status is 1 when an account of the file was not imported.\n"
    "\n"
    "rename-host is for a server that has another <host> now: the accounts of OLD, which nobody can log in to any\n"
    "more, become those of NEW, with all that they have, and their contacts among each other get that name, too.\n"
    "Either all of them are renamed or, where one of the new addresses is taken, none.\n";

const Action *find_action(std::string_view name)
{
    const auto found = std::ranges::find(actions, name, &Action::name);
    return found == std::end(actions) ? nullptr : found;
}

std::string usage()
{
    constexpr std::size_t column = 20;
    std::string out;
    for (const Action &action : actions) {
        std::string line = std::string{action.name}.append(action.arguments);
        const auto ellipsis = static_cast<std::size_t>(line.find("…") == std::string::npos ? 0 : 2);
        line.append(column + ellipsis > line.size() ? column + ellipsis - line.size() : 1, ' ');
        out.append("  accounts ").append(line).append(action.summary).append("\n");
    }
    return out.append(more);
}

std::string names_of_actions()
{
    std::string names;
    for (const Action &action : actions)
        names.append(names.empty() ? "" : ", ").append(action.name);
    return names;
}

// "" where that many are right.
std::string_view names_wanted(Action::Names names, std::size_t count)
{
    switch (names) {
    case Action::Names::One: return count == 1 ? "" : "one name";
    case Action::Names::Two: return count == 2 ? "" : "two names of hosts";
    case Action::Names::Some: return count != 0 ? "" : "a name";
    case Action::Names::None:
    case Action::Names::Any: break;
    }
    return "";
}

jabberd_command_result refuse(Console &console, const std::string &what)
{
    console.complain(what);
    return misused;
}

} // namespace

void list(jabberd_command_sink sink, void *data)
{
    const std::string text_of_usage = usage();
    const jabberd_command accounts{
        sizeof accounts, view("accounts"), view("ACTION [NAME…]"),
        view("accounts: list, add, remove, password, lock, unlock, export, import, rename-host"), view(text_of_usage)};
    sink(data, &accounts);
}

jabberd_command_result run(Core &core, const jabberd_command_call &call)
{
    Console console{call};
    const auto arguments = console.arguments();
    const Action *action = arguments.empty() ? nullptr : find_action(arguments.front());
    if (action == nullptr)
        return refuse(console, arguments.empty() ? "accounts needs an action: " + names_of_actions()
                                                 : "accounts cannot '" + std::string{arguments.front()} + "'; it can " +
                                                       names_of_actions());
    const Arguments rest = Arguments{arguments}.subspan(1);
    if (const std::string_view wanted = names_wanted(action->names, rest.size()); !wanted.empty())
        return refuse(console, "accounts " + std::string{action->name} + " takes " + std::string{wanted});
    try {
        return action->run(core, console, rest);
    } catch (const StorageError &error) {
        console.complain(error.what());
        return failed;
    }
}

void complete(Core &core, const jabberd_command_call &call)
{
    Console console{call};
    const auto arguments = console.arguments();
    if (arguments.size() > 1) {
        const Action *action = find_action(arguments.front());
        const bool is_new = action != nullptr && action->name == "add"; // there is no account of that name yet
        const bool has_accounts =
            action != nullptr && action->names != Action::Names::None && action->names != Action::Names::Two;
        if (!has_accounts || is_new)
            return;
        try {
            complete_account(core, console, arguments.back());
        } catch (const StorageError &) { // no word is known; the log says why
        }
        return;
    }
    const std::string_view begun = arguments.empty() ? std::string_view{} : arguments.front();
    for (const Action &action : actions) {
        if (action.name.starts_with(begun))
            console.say(std::string{action.name} + "\n");
    }
}

void advise(Core &core, jabberd_advice_sink sink, void *data)
{
    if (core.settings.current()->registration)
        return;
    const auto promise = std::make_shared<std::promise<std::int64_t>>(); // shared: it may come too late
    auto count = promise->get_future();
    core.storage.post(
        to_read(), [](Storage &storage) { return storage.accounts.count(); },
        [promise](std::int64_t accounts) { promise->set_value(accounts); },
        [promise](StorageFailure) { promise->set_value(1); });
    if (count.wait_for(advice_patience) == std::future_status::ready && count.get() == 0)
        sink(data, view("accounts add NAME"),
             view("make the first account: there is none, and clients cannot register"));
}

} // namespace jabberd::session_manager::commands
