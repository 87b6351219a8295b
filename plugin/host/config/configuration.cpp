// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/config/configuration.h"

#include "host/config/service_reader.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>

namespace jabberd::host {

namespace {

constexpr std::string_view level_names[] = {"error", "warning", "notice", "info", "debug"};
constexpr std::chrono::seconds longest_drain = std::chrono::hours{1};

using elements::Element;
using elements::Times;

void read_control(const Element &element, Settings &settings, Mistakes &mistakes)
{
    const char *path = element.text();
    if (*path == '\0')
        return mistakes.error(element.at(), "<control> is empty; it takes the path of the control socket: "
                                            "<control>/run/jabberd/control.sock</control>");
    settings.control = std::filesystem::path{element.at().file}.parent_path() / path;
}

void read_drain(const Element &element, Settings &settings, Mistakes &mistakes)
{
    unsigned seconds = 0;
    const char *text = element.text();
    const char *end = text + std::strlen(text);
    const auto [rest, error] = std::from_chars(text, end, seconds);
    if (error != std::errc{} || rest != end || std::chrono::seconds{seconds} > longest_drain)
        return mistakes.error(element.at(),
                              "<drain>" + std::string{text} +
                                  "</drain> is not a time; it takes whole seconds, 0 to 3600: <drain>10</drain>");
    settings.drain = std::chrono::seconds{seconds};
}

void read_log_level(const Element &element, Settings &settings, Mistakes &mistakes)
{
    const char *level = element.attribute("level");
    if (level == nullptr)
        return;
    settings.log_level = parse_log_level(level);
    if (!settings.log_level)
        mistakes.error(element.at(), "level='" + std::string{level} +
                                         "' is not a log level; it is one of error, warning, notice, info, debug");
}

void read_log_file(const Element &element, Settings &settings, Mistakes &mistakes)
{
    const char *path = element.attribute("file");
    if (path == nullptr)
        return;
    if (*path == '\0')
        return mistakes.error(element.at(), "file='' of <log> is no file; it takes a path: <log file='jabberd.log'/>");
    settings.log_file =
        LogFile{std::filesystem::path{element.at().file}.parent_path() / path, element.at().file, element.at().line};
}

void read_log_format(const Element &element, Settings &settings, Mistakes &mistakes)
{
    const char *format = element.attribute("format");
    if (format == nullptr)
        return;
    const std::string_view name = format;
    if (name != "text" && name != "json")
        return mistakes.error(element.at(), "format='" + std::string{name} + "' of <log> is neither text nor json");
    settings.log_format = name == "json" ? log::Format::Json : log::Format::Text;
}

// jabberd's <log id='…'> is a service that writes log files: there may be any number. `ours`: the last that was not.
void read_log(const Element &element, Settings &settings, const jabberd_config *&ours, Mistakes &mistakes)
{
    if (element.attribute("level") == nullptr && element.attribute("file") == nullptr &&
        element.attribute("format") == nullptr) {
        element.leave();
        return mistakes.warning(element.at(),
                                "<log> without level='…', file='…' or format='…' is a log service of jabberd; this "
                                "host has one log, ignoring");
    }
    if (ours != nullptr)
        mistakes.warning(*ours, "<log> is there again in line " + std::to_string(element.at().line) +
                                    ", which is the one that holds");
    ours = &element.at();
    settings.log_level.reset();
    settings.log_file.reset();
    settings.log_format = log::Format::Text;
    read_log_level(element, settings, mistakes);
    read_log_file(element, settings, mistakes);
    read_log_format(element, settings, mistakes);
}

void read_privacy(const Element &element, Settings &settings, Mistakes &mistakes)
{
    const std::string_view wanted = element.text();
    if (wanted != "yes" && wanted != "no")
        return mistakes.error(element.at(), "<privacy>" + std::string{wanted} +
                                                "</privacy> is neither yes nor no; yes: the log does not tell who "
                                                "clients' users are");
    settings.privacy = wanted == "yes";
}

void read_user(const Element &element, Settings &settings, Mistakes &mistakes)
{
    const std::string name = element.text();
    if (name.empty())
        return mistakes.error(element.at(), "<user> is empty; it takes the user that the host becomes when root has "
                                            "started it, and may have a group: <user>jabberd:jabberd</user>");
    settings.user = UserToBecome{name, element.at().file, element.at().line};
}

void read_metrics(const Element &element, Settings &settings, Mistakes &mistakes)
{
    const std::string_view port = element.value("port");
    const std::string_view page = element.value("page");
    const std::string_view address = element.text();
    std::uint16_t number = 0;
    const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc{} || rest != port.data() + port.size())
        return mistakes.error(element.at(), "port='" + std::string{port} +
                                                "' of <metrics> is no port; it is a number up to 65535: <metrics "
                                                "port='9464'>127.0.0.1</metrics>");
    if (!page.empty() && page != "yes" && page != "no")
        return mistakes.error(element.at(), "page='" + std::string{page} +
                                                "' of <metrics> is neither yes nor no; yes: there is a page for people "
                                                "as well");
    // Not everywhere by default: there is no login.
    settings.metrics = MetricsPort{address.empty() ? "127.0.0.1" : std::string{address}, number, page == "yes",
                                   element.at().file, element.at().line};
}

void refuse_doubles(const std::vector<ServiceConfig> &services, Mistakes &mistakes)
{
    for (auto later = services.begin(); later != services.end(); ++later) {
        for (auto earlier = services.begin(); earlier != later; ++earlier)
            refuse_same_names(*earlier, *later, mistakes);
    }
}

// What a jabberd has at the root, and this host does not.
constexpr std::string_view jabberd_only[] = {"base", "io", "pidfile", "xdb", "acl", "global"};

void read_root(const Element &root, Configuration &configuration, Mistakes &mistakes)
{
    const jabberd_config *log = nullptr;
    std::vector<elements::Option> options{
        {"service",
         [&](const Element &element) {
             if (auto service = read_service(element, mistakes))
                 configuration.services.push_back(std::move(*service));
         },
         Times::Any},
        {"control", [&](const Element &element) { read_control(element, configuration.settings, mistakes); }},
        {"drain", [&](const Element &element) { read_drain(element, configuration.settings, mistakes); }},
        {"privacy", [&](const Element &element) { read_privacy(element, configuration.settings, mistakes); }},
        {"user", [&](const Element &element) { read_user(element, configuration.settings, mistakes); }},
        {"metrics", [&](const Element &element) { read_metrics(element, configuration.settings, mistakes); }},
        {"log", [&](const Element &element) { read_log(element, configuration.settings, log, mistakes); }, Times::Any},
    };
    root.read(options);
    for (const jabberd_config *child = root.at().first_child; child != nullptr; child = child->next) {
        if (std::ranges::find(jabberd_only, std::string_view{child->name}) == std::end(jabberd_only))
            continue;
        root.leave(*child);
        mistakes.warning(*child, "<" + std::string{child->name} +
                                     "> is nothing this host does; it reads service, control, drain, user, metrics, "
                                     "log and privacy, ignoring");
    }
}

} // namespace

std::optional<jabberd_log_level> parse_log_level(std::string_view name)
{
    const auto found = std::find(std::begin(level_names), std::end(level_names), name);
    if (found == std::end(level_names))
        return std::nullopt;
    return static_cast<jabberd_log_level>(JABBERD_LOG_ERROR + (found - std::begin(level_names)));
}

const ServiceConfig *find_service(const std::vector<ServiceConfig> &services, std::string_view id)
{
    const auto found = std::ranges::find(services, id, &ServiceConfig::id);
    return found == services.end() ? nullptr : &*found;
}

Configuration read_configuration(const std::string &file, Mistakes &mistakes)
{
    Configuration configuration;
    configuration.tree = read_tree(file, mistakes);
    if (!configuration.tree)
        return configuration;

    const jabberd_config &root = *configuration.tree->root();
    if (std::strcmp(root.name, "jabber") != 0) {
        mistakes.error(root, "the root element is <" + std::string{root.name} +
                                 ">; a jabberd configuration begins with <jabber>");
        return configuration;
    }
    elements::Asked asked;
    read_root({root, asked}, configuration, mistakes);
    asked.tell_unread(root, [&](const jabberd_config &at, const std::string &message) {
        mistakes.warning(at, message + ", ignoring");
    });
    if (root.first_child == nullptr || (configuration.services.empty() && !mistakes.fatal()))
        mistakes.error(root, "there is no <service>; a host without one has nothing to do");
    refuse_doubles(configuration.services, mistakes);
    mistakes.sort();
    return configuration;
}

} // namespace jabberd::host
