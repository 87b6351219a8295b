// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/config/service_reader.h"

#include "base/address.h"

#include <algorithm>
#include <cstring>

namespace jabberd::host {

namespace {

// What jabberd could put into a service in place of <load>: sockets and pipes between hosts, and internal sinks.
constexpr std::string_view jabberd_only[] = {"accept", "connect", "exec", "stdin", "stdout", "file", "null", "forward"};

std::string at(const jabberd_config &element)
{
    return std::string{element.file} + ":" + std::to_string(element.line);
}

bool is_structure(const jabberd_config &service, const jabberd_config &child)
{
    return std::strcmp(service.xmlns, child.xmlns) == 0;
}

const jabberd_config *find_jabberd_only(const jabberd_config &service)
{
    for (const jabberd_config *child = service.first_child; child != nullptr; child = child->next) {
        if (is_structure(service, *child) &&
            std::find(std::begin(jabberd_only), std::end(jabberd_only), child->name) != std::end(jabberd_only))
            return child;
    }
    return nullptr;
}

// The child of <load> that is called: the only one, or the one that main='…' names.
const jabberd_config *loaded_child(const jabberd_config &load, Mistakes &mistakes)
{
    const jabberd_config *first = load.first_child;
    if (first == nullptr) {
        mistakes.error(load, "<load> is empty; it takes the component and its file: "
                             "<load><socket_manager>./socket_manager.so</socket_manager></load>");
        return nullptr;
    }
    const char *main = jabberd_config_attribute_value(&load, "main");
    if (main != nullptr) {
        const jabberd_config *named = jabberd_config_child(&load, main);
        if (named == nullptr)
            mistakes.error(load, "<load main='" + std::string{main} + "'> has no child <" + main +
                                     ">; main names the one that is loaded");
        return named;
    }
    if (first->next != nullptr) {
        mistakes.error(*first->next, "<load> has several children; keep one, or say which is loaded: <load main='" +
                                         std::string{first->name} + "'>");
        return nullptr;
    }
    return first;
}

void read_load(const jabberd_config &load, ServiceConfig &service, Mistakes &mistakes)
{
    const jabberd_config *child = loaded_child(load, mistakes);
    if (child == nullptr)
        return;
    if (*child->text == '\0')
        return mistakes.error(*child, "<" + std::string{child->name} +
                                          "> is empty; it takes the file of the component: <" + child->name + ">./" +
                                          child->name + ".so</" + child->name + ">");
    // What the classic component of this purpose was called; existing configurations say so.
    service.component = std::strcmp(child->name, "pthsock_client") == 0 ? "socket_manager" : child->name;
    service.files = {(std::filesystem::path{child->file}.parent_path() / child->text).lexically_normal()};
    if (std::filesystem::path{child->text}.is_relative())
        service.files.push_back((std::filesystem::path{JABBERD_COMPONENT_DIR} / child->text).lexically_normal());
    service.load = child;
}

void read_child(const jabberd_config &child, ServiceConfig &service, Mistakes &mistakes)
{
    const std::string_view name = child.name;
    if (name == "host") {
        if (*child.text != '\0' && !is_host_name(child.text)) // without a name it is for all others
            return mistakes.error(child, "<host> is '" + std::string{child.text} +
                                             "'; it must be a host name, like foo.com, without a port: that is in the "
                                             "<listen port='5222'/> of a socket manager");
        service.names.emplace_back(child.text);
    } else if (name == "load") {
        if (service.load != nullptr)
            return mistakes.error(child, "a second <load>; a service has one component");
        service.load = &child;
        read_load(child, service, mistakes);
    } else {
        mistakes.warning(child, "<" + std::string{name} +
                                    "> is not known inside a service; it reads host, load, include and sections with "
                                    "an xmlns of their own, ignoring");
    }
}

// NULL-terminated; may be null.
bool is_read(const char *const *namespaces, const char *xmlns)
{
    for (const char *const *known = namespaces; known != nullptr && *known != nullptr; ++known) {
        if (std::strcmp(*known, xmlns) == 0)
            return true;
    }
    return false;
}

bool has_name(const ServiceConfig &service, const std::string &name)
{
    return std::any_of(service.names.begin(), service.names.end(),
                       [&](const std::string &other) { return same_host(name, other); });
}

} // namespace

std::optional<ServiceConfig> read_service(const jabberd_config &element, Mistakes &mistakes)
{
    const char *id = jabberd_config_attribute_value(&element, "id");
    if (const jabberd_config *other = find_jabberd_only(element)) {
        mistakes.warning(*other, "a service with <" + std::string{other->name} +
                                     "> needs a jabberd; this host loads components only, ignoring");
        return std::nullopt;
    }

    ServiceConfig service{};
    service.id = id == nullptr ? "" : id;
    service.element = &element;
    if (service.id.empty())
        mistakes.error(element, "a <service> without an id; write <service id='c2s'>, each with an id of its own");
    for (const jabberd_config *child = element.first_child; child != nullptr; child = child->next) {
        if (is_structure(element, *child))
            read_child(*child, service, mistakes);
    }
    if (service.load == nullptr)
        mistakes.error(element, "service '" + service.id +
                                    "' has no <load>; it takes the component and its file: "
                                    "<load><socket_manager>./socket_manager.so</socket_manager></load>");
    if (service.names.empty())
        service.names.push_back(service.id);
    if (service.id.empty() || service.files.empty())
        return std::nullopt;
    return service;
}

void refuse_same_names(const ServiceConfig &earlier, const ServiceConfig &later, Mistakes &mistakes)
{
    const std::string first = " (" + at(*earlier.element) + ")";
    if (earlier.id == later.id)
        return mistakes.error(*later.element, "a second service with the id '" + later.id + "'" + first +
                                                  "; each needs one of its own");
    for (const std::string &name : later.names) {
        if (!has_name(earlier, name))
            continue;
        if (name.empty())
            mistakes.error(*later.element,
                           "service '" + earlier.id + "'" + first +
                               " has an empty <host/> already; only one service can answer for every other name");
        else
            mistakes.error(*later.element, "service '" + earlier.id + "'" + first + " answers for the host name '" +
                                               name + "' already; a name belongs to one service");
    }
}

bool has_a_section_of(const ServiceConfig &service, const char *const *namespaces)
{
    bool has_sections = false;
    for (const jabberd_config *child = service.element->first_child; child != nullptr; child = child->next) {
        if (is_structure(*service.element, *child))
            continue;
        has_sections = true;
        if (is_read(namespaces, child->xmlns))
            return true;
    }
    return !has_sections;
}

void warn_about_unread_sections(const ServiceConfig &service, const char *const *namespaces, Mistakes &mistakes)
{
    for (const jabberd_config *child = service.element->first_child; child != nullptr; child = child->next) {
        if (is_structure(*service.element, *child) || is_read(namespaces, child->xmlns))
            continue;
        mistakes.warning(*child, "component " + service.component + " does not read sections in the namespace '" +
                                     child->xmlns + "', ignoring");
    }
}

} // namespace jabberd::host
