// SPDX-License-Identifier: LGPL-2.1-or-later
#include "options.h"

#include "host/config/configuration.h"

#include <glib.h>

namespace jabberd::host {

namespace {

constexpr const char *summary = "Loads the components of a jabberd configuration and routes packets between them.";
constexpr const char *description =
    "Signals: TERM and INT stop everything in order, a second one at once; HUP reads the configuration again, and\n"
    "swaps components whose file is another one. USR2 reopens the log\n"
    "file, as after a logrotate. USR1 and the rest are ignored.\n"
    "While it runs, jabberd-ctl shows what it does.";

std::optional<Options> refuse(const char *why)
{
    g_printerr("jabberd-host: %s; see jabberd-host --help\n", why);
    return std::nullopt;
}

} // namespace

std::optional<Options> parse_options(int argc, char **argv)
{
    gboolean check = FALSE;
    gboolean version = FALSE;
    g_autofree char *config = nullptr;
    g_autofree char *control = nullptr;
    g_autofree char *log_level = nullptr;
    g_autofree char *user = nullptr;
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &config, "The configuration (jabber.xml)", "FILE"},
        {"check", 0, 0, G_OPTION_ARG_NONE, &check,
         "Read the configuration, load the components, say what is wrong, and exit", nullptr},
        {"control", 0, 0, G_OPTION_ARG_FILENAME, &control,
         "The socket for jabberd-ctl, instead of the configuration's <control>", "PATH"},
        {"log-level", 0, 0, G_OPTION_ARG_STRING, &log_level,
         "error, warning, notice, info or debug, instead of the configuration's <log>", "LEVEL"},
        {"user", 0, 0, G_OPTION_ARG_STRING, &user,
         "When root starts it: the user to become, instead of the configuration's <user>", "USER[:GROUP]"},
        {"version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version and exit", nullptr},
        {nullptr, 0, 0, G_OPTION_ARG_NONE, nullptr, nullptr, nullptr},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(nullptr);
    g_option_context_set_summary(context, summary);
    g_option_context_set_description(context, description);
    g_option_context_add_main_entries(context, entries, nullptr);
    g_autoptr(GError) error = nullptr;
    if (!g_option_context_parse(context, &argc, &argv, &error))
        return refuse(error->message);
    if (argc > 1)
        return refuse("it takes options only, the configuration is named with -c");

    Options options;
    options.check = check != FALSE;
    options.version = version != FALSE;
    if (config != nullptr)
        options.config = config;
    if (control != nullptr)
        options.control = control;
    if (user != nullptr)
        options.user = user;
    if (log_level != nullptr) {
        options.log_level = parse_log_level(log_level);
        if (!options.log_level)
            return refuse("--log-level takes error, warning, notice, info or debug");
    }
    return options;
}

} // namespace jabberd::host
