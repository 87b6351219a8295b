// SPDX-License-Identifier: LGPL-2.1-or-later
// jabberd-ctl: the operator's side of a running jabberd-host.
#include "base/unique_fd.h"
#include "ctl/answer.h"
#include "ctl/client.h"
#include "ctl/component_command.h"
#include "ctl/help.h"
#include "ctl/options.h"
#include "ctl/top.h"
#include "ctl/views.h"
#include "host/text/locale.h"
#include "host/text/printable.h"

#include <glib.h>
#include <unistd.h>

#include <cstdio>

namespace jabberd::ctl {

namespace {

bool wants_colour(Colour colour)
{
    if (colour != Colour::Auto)
        return colour == Colour::Always;
    // https://no-color.org
    const char *no_colour = g_getenv("NO_COLOR");
    return (no_colour == nullptr || *no_colour == '\0') && isatty(STDOUT_FILENO) != 0 &&
           g_log_writer_supports_color(STDOUT_FILENO);
}

// False when the reader of our output has gone.
bool print(const std::string &text)
{
    return std::fputs(text.c_str(), stdout) != EOF && std::fflush(stdout) == 0;
}

int fail(const std::string &why)
{
    std::fprintf(stderr, "jabberd-ctl: %s\n", why.c_str());
    return 1;
}

// An answer of one line, shown as it is or by `view`.
int show(Client &client, bool json, std::string (*view)(JsonObject *))
{
    const auto line = client.next_line();
    if (!line)
        return fail("the host closed the connection without an answer");
    const Answer answer = parse(*line);
    if (!answer)
        return fail("the host's answer cannot be understood; are both of the same version?");
    JsonObject *root = json_node_get_object(answer.get());
    if (has(root, "error"))
        return fail(text(root, "error"));
    return print(json ? *line + "\n" : view(root)) ? 0 : 1;
}

int show_reload(Client &client)
{
    const auto line = client.next_line();
    const Answer answer = line ? parse(*line) : nullptr;
    if (!answer)
        return fail("the host closed the connection without an answer");
    JsonObject *root = json_node_get_object(answer.get());
    for (const std::string &message : texts(root, "messages"))
        std::fprintf(stderr, "%s\n", message.c_str());
    if (!flag(root, "reloaded"))
        return fail("the configuration has mistakes; what has them goes on as it was");
    print("reloaded\n");
    return 0;
}

// A component's message may hold control characters.
std::string printable(const std::string &text)
{
    std::string out;
    host::append_printable(out, text);
    return out;
}

int show_swap(Client &client, const Options &options)
{
    const auto line = client.next_line();
    const Answer answer = line ? parse(*line) : nullptr;
    if (!answer)
        return fail("the host closed the connection without an answer");
    JsonObject *root = json_node_get_object(answer.get());
    const bool swapped = flag(root, "swapped");
    if (options.json)
        return print(*line + "\n") && swapped ? 0 : 1;
    for (const std::string &message : texts(root, "messages"))
        std::fprintf(stderr, "%s\n", printable(message).c_str());
    return swapped ? (print(swap_view(root)) ? 0 : 1) : fail("not swapped: " + printable(text(root, "error")));
}

std::string request_for(const Options &options)
{
    if (options.command == "trace" && !options.filter.empty())
        return "trace " + options.filter;
    if (options.command == "swap")
        return "swap " + options.service + " " + options.file;
    return options.command;
}

int show_trace(Client &client, const Options &options)
{
    const bool colour = wants_colour(options.colour);
    while (const auto line = client.next_line()) {
        const Answer answer = parse(*line);
        if (!answer)
            continue;
        JsonObject *root = json_node_get_object(answer.get());
        const bool is_greeting = has(root, "tracing");
        if (is_greeting && !options.json)
            std::fprintf(stderr, "tracing; Ctrl-C ends it\n");
        else if (!print(options.json ? *line + "\n" : trace_view(root, colour)))
            return 0;
    }
    return fail("the host has stopped");
}

int run(const Options &options)
{
    if (options.version)
        return print("jabberd-ctl " SOCKET_MANAGER_VERSION "\n") ? 0 : 1;
    const std::string &command = options.command;
    if (command == "help")
        return show_help(options);
    if (command == "complete")
        return run_component_command(options, "complete");
    if (command == "top")
        return top(options.socket);
    if (!options.words.empty())
        return run_component_command(options, "run");

    Client client;
    if (!client.ask(options.socket, request_for(options)))
        return 1;
    if (command == "status")
        return show(client, options.json, status_view);
    if (command == "sessions")
        return show(client, options.json, sessions_view);
    if (command == "metrics")
        return show(client, options.json, metrics_view);
    if (command == "reload")
        return show_reload(client);
    if (command == "reopen")
        return show(client, options.json, reopen_view);
    if (command == "swap")
        return show_swap(client, options);
    if (command == "trace")
        return show_trace(client, options);
    while (client.next_line()) {
    }
    return print("stopped\n") ? 0 : 1;
}

} // namespace

} // namespace jabberd::ctl

int main(int argc, char **argv)
{
    jabberd::occupy_standard_descriptors();
    jabberd::host::use_characters_of_locale();
    const auto options = jabberd::ctl::parse_options(argc, argv);
    return options ? jabberd::ctl::run(*options) : 2;
}
