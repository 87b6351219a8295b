// SPDX-License-Identifier: LGPL-2.1-or-later
#include "swap/options.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace jabberd::bench {

namespace {

constexpr const char *usage =
    "usage: swap [--clients 5000] [--swaps 100] [--rate 2000] [--between MS] [--failing] [--untimed] [--classic STUB] "
    "[--preload LIBRARY]\n"
    "JABBERD_HOST, SOCKET_MANAGER, SESSION_MANAGER and FIXTURES name what is tried; swap.sh sets them.\n";

constexpr unsigned fewest_clients = 20; // two of each kind

bool read(std::string_view text, unsigned &number)
{
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    return problem == std::errc{} && end == text.data() + text.size() && number > 0;
}

bool read_option(std::string_view name, std::string_view value, Options &options)
{
    if (name == "--clients")
        return read(value, options.clients) && options.clients >= fewest_clients && options.clients % 2 == 0;
    if (name == "--swaps")
        return read(value, options.swaps);
    if (name == "--rate")
        return read(value, options.rate);
    if (name == "--classic") {
        options.classic = value;
        return true;
    }
    if (name == "--preload") {
        options.preload = value;
        return true;
    }
    unsigned ms = 0;
    if (name != "--between" || !read(value, ms))
        return false;
    options.between = std::chrono::milliseconds{ms};
    return true;
}

bool read_environment(const char *name, std::string &value)
{
    const char *found = std::getenv(name);
    if (found != nullptr)
        value = found;
    else
        std::fprintf(stderr, "swap: %s is not set\n%s", name, usage);
    return found != nullptr;
}

} // namespace

std::optional<Options> parse_options(int argc, char **argv)
{
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--failing") {
            options.failing = true;
        } else if (name == "--untimed") {
            options.untimed = true;
        } else if (i + 1 < argc && read_option(name, argv[i + 1], options)) {
            ++i;
        } else {
            std::fprintf(stderr, "swap: '%s' is not an option, or its value is wrong\n%s", argv[i], usage);
            return std::nullopt;
        }
    }
    const bool is_classic = !options.classic.empty();
    if ((is_classic || read_environment("JABBERD_HOST", options.host)) &&
        (is_classic || read_environment("SESSION_MANAGER", options.session_manager)) &&
        read_environment("SOCKET_MANAGER", options.socket_manager) && read_environment("FIXTURES", options.fixtures))
        return options;
    return std::nullopt;
}

} // namespace jabberd::bench
