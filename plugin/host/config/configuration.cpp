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

void read_control(const jabberd_config &element, Settings &settings, Mistakes &mistakes)
{
    if (*element.text == '\0')
        return mistakes.error(element, "<control> is empty; it takes the path of the control socket: "
                                       "<control>/run/jabberd/control.sock</control>");
    settings.control = std::filesystem::path{element.file}.parent_path() / element.text;
}

void read_drain(const jabberd_config &element, Settings &settings, Mistakes &mistakes)
{
    unsigned seconds = 0;
    const char *end = element.text + std::strlen(element.text);
    const auto [rest, error] = std::from_chars(element.text, end, seconds);
    if (error != std::errc{} || rest != end || std::chrono::seconds{seconds} > longest_drain)
        return mistakes.error(element,
                              "<drain>" + std::string{element.text} +
                                  "</drain> is not a time; it takes whole seconds, 0 to 3600: <drain>10</drain>");
    settings.drain = std::chrono::seconds{seconds};
}

// jabberd's <log id='…'> is a service that writes log files; ours only sets the level.
void read_log(const jabberd_config &element, Settings &settings, Mistakes &mistakes)
{
    const char *level = jabberd_config_attribute_value(&element, "level");
    if (level == nullptr)
        return mistakes.warning(element, "<log> without level='…' is a log service of jabberd; this host logs to "
                                         "standard error or the journal, ignoring");
    settings.log_level = parse_log_level(level);
    if (!settings.log_level)
        mistakes.error(element, "level='" + std::string{level} +
                                    "' is not a log level; it is one of error, warning, notice, info, debug");
}

void refuse_doubles(const std::vector<ServiceConfig> &services, Mistakes &mistakes)
{
    for (auto later = services.begin(); later != services.end(); ++later) {
        for (auto earlier = services.begin(); earlier != later; ++earlier)
            refuse_same_names(*earlier, *later, mistakes);
    }
}

void read_root_element(const jabberd_config &element, Configuration &configuration, Mistakes &mistakes)
{
    const std::string_view name = element.name;
    if (name == "service") {
        if (auto service = read_service(element, mistakes))
            configuration.services.push_back(std::move(*service));
    } else if (name == "control") {
        read_control(element, configuration.settings, mistakes);
    } else if (name == "drain") {
        read_drain(element, configuration.settings, mistakes);
    } else if (name == "log") {
        read_log(element, configuration.settings, mistakes);
    } else {
        mistakes.warning(element,
                         "<" + std::string{name} +
                             "> is nothing this host does; it reads service, control, drain and log, ignoring");
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
    for (const jabberd_config *element = root.first_child; element != nullptr; element = element->next)
        read_root_element(*element, configuration, mistakes);
    if (root.first_child == nullptr || (configuration.services.empty() && !mistakes.fatal()))
        mistakes.error(root, "there is no <service>; a host without one has nothing to do");
    refuse_doubles(configuration.services, mistakes);
    return configuration;
}

} // namespace jabberd::host
