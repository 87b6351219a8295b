// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/help.h"

#include "ctl/answer.h"
#include "ctl/client.h"
#include "ctl/own_commands.h"
#include "host/control/words.h"

#include <cstdio>

namespace jabberd::ctl {

namespace {

// The components of the host that listens there; null where none does, or it is one that does not know of commands.
Answer ask_for_commands(const std::string &socket, std::string &why)
{
    Client client;
    if (!client.connect(socket, why) || !client.send_line("commands")) {
        why = "no host at " + socket + " was asked for those of its components: " + why;
        return nullptr;
    }
    const auto line = client.next_line();
    Answer answer = line ? parse(*line) : nullptr;
    if (answer && has(json_node_get_object(answer.get()), "commands"))
        return answer;
    why = "the host at " + socket + " is one whose components have no commands";
    return nullptr;
}

std::string synopsis(JsonObject *command)
{
    const std::string arguments = text(command, "arguments");
    return text(command, "word") + (arguments.empty() ? "" : " " + arguments);
}

int show_all(const Options &options)
{
    std::string out = help();
    std::string why;
    const Answer answer = ask_for_commands(options.socket, why);
    const auto commands =
        answer ? objects(json_node_get_object(answer.get()), "commands") : std::vector<JsonObject *>{};
    out += answer && commands.empty() ? "Commands of components: there are none here.\n" : "Commands of components:\n";
    for (JsonObject *command : commands)
        out += "  " + synopsis(command) + "\n                      " + text(command, "summary") + " (" +
               text(command, "service") + ")\n";
    if (!answer)
        out += "  (" + why + ")\n";
    else if (!commands.empty())
        out += "  jabberd-ctl help COMMAND tells more of one.\n";
    return std::fputs(out.c_str(), stdout) != EOF && std::fflush(stdout) == 0 ? 0 : 1;
}

int show_one(const Options &options, const std::string &topic)
{
    if (const std::string own = own_command(topic); !own.empty())
        return std::fputs(own.c_str(), stdout) != EOF ? 0 : 1;
    std::string why;
    const Answer answer = ask_for_commands(options.socket, why);
    std::string others;
    if (answer) {
        for (JsonObject *command : objects(json_node_get_object(answer.get()), "commands")) {
            const std::string word = text(command, "word");
            if (word == topic || text(command, "service") + ':' + word == topic) {
                std::printf("Usage:\n  jabberd-ctl [OPTION…] %s\n\n%s\n\n%s", synopsis(command).c_str(),
                            text(command, "summary").c_str(), text(command, "usage").c_str());
                return std::fflush(stdout) == 0 ? 0 : 1;
            }
            others += ", " + word;
        }
        why = "there are " + host::words_for_people() + others;
    }
    std::fprintf(stderr, "jabberd-ctl: there is no command '%s'; %s\n", topic.c_str(), why.c_str());
    return 1;
}

} // namespace

int show_help(const Options &options)
{
    return options.words.empty() ? show_all(options) : show_one(options, options.words.front());
}

} // namespace jabberd::ctl
