// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/options.h"

#include "host/control/socket.h"

#include <glib.h>

#include <cstring>
#include <filesystem>
#include <memory>

namespace jabberd::ctl {

namespace {

constexpr const char *commands =
    "Commands:\n"
    "  status              what is loaded, since when, and what it does (--json)\n"
    "  sessions            every client connection (--json)\n"
    "  metrics             what is measured, in Prometheus' text format\n"
    "  trace               every packet as it is routed, until Ctrl-C (--filter, --color, --json)\n"
    "  reload              read the configuration again, and say what is wrong with it\n"
    "  swap SERVICE PATH   put another component in the place of the one that runs\n"
    "  stop                stop the host in order, and wait until it has\n"
    "  help                this text\n"
    "\n"
    "swap loads the component PATH, lets it take over from the one of the service SERVICE, with its clients and\n"
    "its configuration, and unloads that one. Both must offer jabberd.handover/1; they may be of another name or\n"
    "version, older as well: whether it understands what it is handed, the new one decides. Packets wait meanwhile,\n"
    "and arrive in order. Whatever fails before the new one has taken over leaves the old one running with nothing\n"
    "lost, and is shown. Only if the new one takes over and then does not start, the service is stopped.\n"
    "To the file that is loaded already: the same code takes over from itself, as a new instance. Two swaps come\n"
    "one after the other; other commands wait for them.\n"
    "\n"
    "reload swaps by itself when the <load> of a service names another file, or its file was replaced; with the\n"
    "new configuration, or not at all. What `swap` loaded stays until then, or until a restart. Replace files with\n"
    "install or mv; writing into one that is loaded damages the code that runs.\n";

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
};

using ContextPtr = std::unique_ptr<GOptionContext, decltype(&g_option_context_free)>;

ContextPtr context_for(Arguments &arguments)
{
    const GOptionEntry entries[] = {
        {"socket", 's', 0, G_OPTION_ARG_FILENAME, &arguments.socket, "The control socket of the host", "PATH"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &arguments.json, "Print what the host says, for programs", nullptr},
        {"filter", 'f', 0, G_OPTION_ARG_STRING, &arguments.filter, "trace: only packets that hold this text", "TEXT"},
        {"color", 0, 0, G_OPTION_ARG_STRING, &arguments.colour, "trace: always, never, or auto", "WHEN"},
        {nullptr, 0, 0, G_OPTION_ARG_NONE, nullptr, nullptr, nullptr},
    };
    ContextPtr context{g_option_context_new("COMMAND [SERVICE PATH]"), g_option_context_free};
    g_option_context_set_summary(
        context.get(), "Shows what a running host does, and tells it to reload, to swap a component, or to stop.");
    g_option_context_set_description(context.get(), commands);
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

} // namespace

std::optional<Options> parse_options(int argc, char **argv)
{
    Arguments arguments;
    g_autoptr(GError) error = nullptr;
    if (!g_option_context_parse(context_for(arguments).get(), &argc, &argv, &error))
        return refuse(error->message);
    const bool is_swap = argc > 1 && std::strcmp(argv[1], "swap") == 0;
    if (is_swap && argc != 4)
        return refuse("swap takes the id of a service and the file of a component");
    if (!is_swap && argc > 2)
        return refuse("one command at a time");
    const auto colour = parse_colour(arguments.colour);
    if (!colour)
        return refuse("--color takes always, never or auto");

    Options options;
    options.command = argc < 2 ? "help" : argv[1];
    options.socket = arguments.socket == nullptr ? host::default_control_path() : arguments.socket;
    options.filter = arguments.filter == nullptr ? "" : arguments.filter;
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
