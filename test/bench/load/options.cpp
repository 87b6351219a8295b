// SPDX-License-Identifier: LGPL-2.1-or-later
#include "load/options.h"

#include <charconv>
#include <cstdio>
#include <string_view>

namespace jabberd::bench {

namespace {

constexpr const char *usage =
    "usage: load --port N --pid N[,N...] [--relay | --tls] [--websocket] [--sasl | --scram] [--managed] [--host NAME] "
    "[--addresses N]\n"
    "       [--pairs 200] [--window 10] [--bytes 200] [--messages 200000] [--one-by-one | --rate N]   pairs of clients "
    "that talk\n"
    "       [--idle 100,5000] [--quiet SECONDS]                                            or clients that do not\n"
    "       [--asked]                                                  or what standard input says, line by line\n";

template <typename Number>
bool read(std::string_view text, Number &number)
{
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    return problem == std::errc{} && end == text.data() + text.size();
}

bool read_processes(std::string_view text, std::vector<pid_t> &processes)
{
    for (std::size_t comma = 0; comma != std::string_view::npos;) {
        comma = text.find(',');
        if (!read(text.substr(0, comma), processes.emplace_back()) || processes.back() <= 0)
            return false;
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    return true;
}

bool read_range(std::string_view text, Options &options)
{
    const auto comma = text.find(',');
    return comma != std::string_view::npos && read(text.substr(0, comma), options.idle_from) &&
           read(text.substr(comma + 1), options.idle_to) && options.idle_from < options.idle_to;
}

bool read_option(std::string_view name, std::string_view value, Options &options)
{
    if (name == "--port")
        return read(value, options.port);
    if (name == "--pid")
        return read_processes(value, options.servers);
    if (name == "--addresses")
        return read(value, options.addresses) && options.addresses > 0 && options.addresses < 255;
    if (name == "--pairs")
        return read(value, options.pairs) && options.pairs > 0;
    if (name == "--window")
        return read(value, options.window) && options.window > 0;
    if (name == "--bytes")
        return read(value, options.bytes) && options.bytes >= 11;
    if (name == "--rate")
        return read(value, options.rate) && options.rate > 0;
    if (name == "--messages")
        return read(value, options.messages);
    if (name == "--idle")
        return read_range(value, options);
    if (name == "--host") {
        options.host = value;
        return true;
    }
    unsigned seconds = 0;
    if (name != "--quiet" || !read(value, seconds))
        return false;
    options.quiet = std::chrono::seconds{seconds};
    return true;
}

} // namespace

std::optional<Options> parse_options(int argc, char **argv)
{
    Options options;
    for (int i = 1; i < argc; ++i) {
        if (std::string_view{argv[i]} == "--relay") {
            options.relay = true;
        } else if (std::string_view{argv[i]} == "--tls") {
            options.tls = true;
        } else if (std::string_view{argv[i]} == "--websocket") {
            options.websocket = true;
        } else if (std::string_view{argv[i]} == "--sasl") {
            options.sasl = Sasl::Plain;
        } else if (std::string_view{argv[i]} == "--scram") {
            options.sasl = Sasl::Scram;
        } else if (std::string_view{argv[i]} == "--managed") {
            options.managed = true;
        } else if (std::string_view{argv[i]} == "--asked") {
            options.asked = true;
        } else if (std::string_view{argv[i]} == "--one-by-one") {
            options.one_by_one = true;
        } else if (i + 1 < argc && read_option(argv[i], argv[i + 1], options)) {
            ++i;
        } else {
            std::fprintf(stderr, "load: '%s' is not an option, or its value is wrong\n%s", argv[i], usage);
            return std::nullopt;
        }
    }
    if (options.port != 0 && !options.servers.empty())
        return options;
    std::fprintf(stderr, "load: it needs --port and --pid\n%s", usage);
    return std::nullopt;
}

} // namespace jabberd::bench
