// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/options.h"

#include "ctl/own_commands.h"
#include "host/control/socket.h"

#include <glib.h>

#include <cstring>
#include <filesystem>
#include <memory>

namespace jabberd::ctl {

namespace {

// Filled in by GLib.
struct Arguments {
    Arguments() = default;
    ~Arguments()
    {
        g_free(socket);
        g_free(filter);
        g_free(colour);
    }
    Arguments(const Arguments &) = delete;
    Arguments &operator=(const Arguments &) = delete;

    char *socket = nullptr;
    char *filter = nullptr;
    char *colour = nullptr;
    gboolean json = FALSE;
    gboolean version = FALSE;
};

using ContextPtr = std::unique_ptr<GOptionContext, decltype(&g_option_context_free)>;

ContextPtr context_for(Arguments &arguments)
{
    const GOptionEntry entries[] = {
        {"socket", 's', 0, G_OPTION_ARG_FILENAME, &arguments.socket, "The control socket of the host", "PATH"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &arguments.json, "Print what the host says, for programs", nullptr},
        {"filter", 'f', 0, G_OPTION_ARG_STRING, &arguments.filter, "trace: only packets that hold this text", "TEXT"},
        {"color", 0, 0, G_OPTION_ARG_STRING, &arguments.colour, "trace: always, never, or auto", "WHEN"},
        {"version", 0, 0, G_OPTION_ARG_NONE, &arguments.version, "Print the version and exit", nullptr},
        {nullptr, 0, 0, G_OPTION_ARG_NONE, nullptr, nullptr, nullptr},
    };
    ContextPtr context{g_option_context_new("COMMAND […]"), g_option_context_free};
    g_option_context_set_summary(context.get(), "Shows what a running host does, tells it to reload, to swap a "
                                                "component, or to stop, and runs what its\ncomponents "
                                                "offer.");
    g_option_context_set_description(context.get(), own_commands().c_str());
    g_option_context_add_main_entries(context.get(), entries, nullptr);
    return context;
}

std::optional<Options> refuse(const std::string &why)
{
    g_printerr("jabberd-ctl: %s; see jabberd-ctl help\n", why.c_str());
    return std::nullopt;
}

std::optional<Colour> parse_colour(const char *when)
{
    if (when == nullptr || std::strcmp(when, "auto") == 0)
        return Colour::Auto;
    if (std::strcmp(when, "always") == 0)
        return Colour::Always;
    return std::strcmp(when, "never") == 0 ? std::optional{Colour::Never} : std::nullopt;
}

// The command, and whatever is behind it, as it is: what may be an option of ours there is the command's own when the
// command is a component's. Nothing: there is no command, or an option in front of it that the next parser refuses.
std::vector<std::string> words_of(char **argv)
{
    Arguments ignored;
    const ContextPtr context = context_for(ignored);
    g_option_context_set_strict_posix(context.get(), TRUE);
    g_option_context_set_help_enabled(context.get(), FALSE);
    g_auto(GStrv) copy = g_strdupv(argv);
    std::vector<std::string> words;
    if (g_option_context_parse_strv(context.get(), &copy, nullptr)) {
        for (char **word = copy + 1; *word != nullptr; ++word)
            words.emplace_back(*word);
    }
    if (!words.empty() && words.front() == "--")
        words.erase(words.begin());
    return words;
}

// Leaves the program's name, our options, and the command.
void cut_behind_command(int &argc, char **argv, std::size_t words)
{
    argc -= static_cast<int>(words) - 1;
    argv[argc] = nullptr;
}

} // namespace

std::optional<Options> parse_options(int argc, char **argv)
{
    Arguments arguments;
    g_autoptr(GError) error = nullptr;
    std::vector<std::string> words = words_of(argv);
    const bool has_words = !words.empty() && (!is_own_command(words.front()) || words.front() == "complete");
    if (has_words)
        cut_behind_command(argc, argv, words.size());
    if (!g_option_context_parse(context_for(arguments).get(), &argc, &argv, &error))
        return refuse(error->message);
    const bool is_swap = argc > 1 && std::strcmp(argv[1], "swap") == 0;
    if (is_swap && argc != 4)
        return refuse("swap takes the id of a service and the file of a component");
    const bool is_help = argc > 1 && std::strcmp(argv[1], "help") == 0;
    if (!is_swap && argc > (is_help ? 3 : 2))
        return refuse("one command at a time");
    const auto colour = parse_colour(arguments.colour);
    if (!colour)
        return refuse("--color takes always, never or auto");

    Options options;
    options.command = argc < 2 ? "help" : argv[1];
    if (has_words)
        options.words = std::move(words);
    else if (is_help && argc > 2)
        options.words = {argv[2]};
    if (options.command == "complete")
        options.words.erase(options.words.begin());
    if (options.command == "complete" && options.words.empty())
        options.words = {""};
    options.socket = arguments.socket == nullptr ? host::default_control_path() : arguments.socket;
    options.filter = arguments.filter == nullptr ? "" : arguments.filter;
    options.version = arguments.version != FALSE;
    options.json = arguments.json != FALSE;
    options.colour = *colour;
    if (options.filter.find('\n') != std::string::npos)
        return refuse("--filter takes one line");
    if (is_swap) {
        options.service = argv[2];
        options.file = std::filesystem::absolute(argv[3]).lexically_normal();
        if ((options.service + options.file).find('\n') != std::string::npos)
            return refuse("swap takes a service and a file, on one line");
    }
    return options;
}

std::string help()
{
    Arguments unused;
    g_autofree char *text = g_option_context_get_help(context_for(unused).get(), TRUE, nullptr);
    return text;
}

} // namespace jabberd::ctl
