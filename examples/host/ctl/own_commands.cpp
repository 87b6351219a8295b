// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/own_commands.h"

#include <algorithm>
#include <array>

namespace jabberd::ctl {

namespace {

struct OwnCommand {
    std::string_view word, synopsis, summary, details;
};

constexpr std::string_view of_swap =
    "swap loads the component PATH, lets it take over from the one of the service SERVICE, with its clients and\n"
    "its configuration, and unloads that one. Both must offer jabberd.handover/1; they may be of another name or\n"
    "version, older as well: whether it understands what it is handed, the new one decides. Packets wait meanwhile,\n"
    "and arrive in order. Commands of the old one that still run are ended. Whatever fails before the new one has\n"
    "taken over leaves the old one running with nothing lost, and is shown. Only if the new one takes over and then\n"
    "does not start, the service is stopped. To the file that is loaded already: the same code takes over from\n"
    "itself, as a new instance. Two swaps come one after the other; other commands wait for them.\n";
constexpr std::string_view of_top =
    "top shows the busiest client first: rates are those of the last second. Where there is no terminal it prints\n"
    "one look and ends.\n";
constexpr std::string_view of_reload =
    "reload swaps by itself when the <load> of a service names another file, or its file was replaced; with the\n"
    "new configuration, or not at all. What `swap` loaded stays until then, or until a restart. Replace files with\n"
    "install or mv; writing into one that is loaded damages the code that runs.\n";
constexpr std::string_view of_reopen =
    "reopen is for logrotate, as SIGUSR2 is: what is logged while the file is renamed is in the old one, and what\n"
    "follows in a new one.\n";
constexpr std::string_view of_complete =
    "complete is what a shell asks: `jabberd-ctl complete accounts ''` lists what may follow `accounts`.\n";

constexpr std::array all{
    OwnCommand{"status", "status", "what is loaded, since when, and what it does (--json)", ""},
    OwnCommand{"sessions", "sessions", "every client connection (--json)", ""},
    OwnCommand{"top", "top", "who is connected and who is busy, each second, until q", of_top},
    OwnCommand{"metrics", "metrics", "what is measured, in Prometheus' text format", ""},
    OwnCommand{"trace", "trace", "every packet as it is routed, until Ctrl-C (--filter, --color, --json)", ""},
    OwnCommand{"reload", "reload", "read the configuration again, and say what is wrong with it", of_reload},
    OwnCommand{"reopen", "reopen", "open the log file again, after it was renamed", of_reopen},
    OwnCommand{"swap", "swap SERVICE PATH", "put another component in the place of the one that runs", of_swap},
    OwnCommand{"stop", "stop", "stop the host in order, and wait until it has", ""},
    OwnCommand{"help", "help [COMMAND]", "this text, or all about one command", ""},
    OwnCommand{"complete", "complete WORD…", "what the last of these words could become, a line each", of_complete},
};

const OwnCommand *find(std::string_view word)
{
    const auto found = std::ranges::find(all, word, &OwnCommand::word);
    return found == all.end() ? nullptr : found;
}

} // namespace

bool is_own_command(std::string_view word)
{
    return find(word) != nullptr;
}

std::string own_commands()
{
    constexpr std::size_t column = 20;
    std::string out = "Commands:\n", details;
    for (const OwnCommand &command : all) {
        std::string synopsis{command.synopsis};
        const auto letters = // an ellipsis takes three bytes
            synopsis.size() - (synopsis.ends_with("…") ? 2 : 0);
        synopsis.append(letters < column ? column - letters : 1, ' ');
        out.append("  ").append(synopsis).append(command.summary).append("\n");
        if (!command.details.empty())
            details.append("\n").append(command.details);
    }
    return out + details;
}

std::string own_command(std::string_view word)
{
    const OwnCommand *command = find(word);
    if (command == nullptr)
        return {};
    std::string out = "Usage:\n  jabberd-ctl [OPTION…] ";
    out.append(command->synopsis).append("\n\n").append(command->summary).append("\n");
    return command->details.empty() ? out : out.append("\n").append(command->details);
}

} // namespace jabberd::ctl
