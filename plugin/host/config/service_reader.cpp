// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/config/service_reader.h"

#include "base/address.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace jabberd::host {

using elements::Element;

namespace {

// What jabberd could put into a service in place of <load>: sockets and pipes between hosts, and internal sinks.
constexpr std::string_view jabberd_instances[] = {"accept", "connect", "exec", "stdin",
                                                  "stdout", "file",    "null", "forward"};

std::string at(const jabberd_config &element)
{
    return std::string{element.file} + ":" + std::to_string(element.line);
}

bool is_structure(const jabberd_config &service, const jabberd_config &child)
{
    return elements::is_option(service, child);
}

const jabberd_config *find_jabberd_only(const jabberd_config &service)
{
    for (const jabberd_config *child = service.first_child; child != nullptr; child = child->next) {
        if (is_structure(service, *child) && std::find(std::begin(jabberd_instances), std::end(jabberd_instances),
                                                       child->name) != std::end(jabberd_instances))
            return child;
    }
    return nullptr;
}

void leave_children(const Element &load, const jabberd_config *but = nullptr)
{
    for (const jabberd_config *child = load.at().first_child; child != nullptr; child = child->next) {
        if (child != but)
            load.leave(*child);
    }
}

// The child of <load> that is called: the only one, or the one that main='…' names.
std::optional<Element> loaded_child(const Element &load, Mistakes &mistakes)
{
    const char *main = load.attribute("main");
    const jabberd_config *first = load.at().first_child;
    if (first == nullptr) {
        mistakes.error(load.at(), "<load> is empty; it takes the component and its file: "
                                  "<load><socket_manager>./socket_manager.so</socket_manager></load>");
        return std::nullopt;
    }
    const std::string name = main == nullptr ? first->name : main;
    const auto named = load.child(name.c_str());
    leave_children(load, named ? &named->at() : nullptr);
    if (main == nullptr && first->next != nullptr) {
        leave_children(load);
        mistakes.error(*first->next, "<load> has several children; keep one, or say which is loaded: <load main='" +
                                         std::string{first->name} + "'>");
        return std::nullopt;
    }
    if (!named) {
        mistakes.error(load.at(),
                       "<load main='" + name + "'> has no child <" + name + ">; main names the one that is loaded");
        return std::nullopt;
    }
    for (const jabberd_config *child = first; child != nullptr; child = child->next) {
        if (child != &named->at())
            mistakes.warning(*child, "<" + std::string{child->name} +
                                         "> is not loaded: this host loads what main "
                                         "names, and nothing else, ignoring");
    }
    return named;
}

void read_load(const Element &load, ServiceConfig &service, Mistakes &mistakes)
{
    const auto child = loaded_child(load, mistakes);
    if (!child)
        return;
    const std::string name{child->name()}, file = child->text();
    if (file.empty())
        return mistakes.error(child->at(), "<" + name + "> is empty; it takes the file of the component: <" + name +
                                               ">./" + name + ".so</" + name + ">");
    // What the classic component of this purpose was called; existing configurations say so.
    service.component = name == "pthsock_client" ? "socket_manager" : name;
    service.files = {(std::filesystem::path{child->at().file}.parent_path() / file).lexically_normal()};
    if (std::filesystem::path{file}.is_relative())
        service.files.push_back((std::filesystem::path{JABBERD_COMPONENT_DIR} / file).lexically_normal());
    service.load = &child->at();
}

void read_children(const Element &element, ServiceConfig &service, Mistakes &mistakes)
{
    const auto load = [&](const Element &child) {
        if (service.load != nullptr) {
            child.leave();
            return mistakes.error(child.at(), "a second <load>; a service has one component");
        }
        service.load = &child.at();
        read_load(child, service, mistakes);
    };
    const auto host = [&](const Element &child) {
        const std::string name = child.text();
        if (!name.empty() && !is_host_name(name)) // without a name it is for all others
            return mistakes.error(child.at(),
                                  "<host> is '" + name +
                                      "'; it must be a host name, like foo.com, without a port: that is in the "
                                      "<listen port='5222'/> of a socket manager");
        service.names.emplace_back(name);
    };
    element.read(std::array<elements::Option, 2>{{
        {"host", host, elements::Times::Any},
        {"load", load, elements::Times::Any},
    }});
    for (const jabberd_config *child = element.at().first_child; child != nullptr; child = child->next) {
        if (!elements::is_option(element.at(), *child))
            element.leave(*child); // a section: warn_about_unread_sections()
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

std::optional<ServiceConfig> read_service(const Element &reading, Mistakes &mistakes)
{
    const jabberd_config &element = reading.at();
    const char *id = reading.attribute("id");
    if (const jabberd_config *other = find_jabberd_only(element)) {
        reading.leave();
        mistakes.warning(*other, "a service with <" + std::string{other->name} +
                                     "> needs a jabberd; this host loads components only, ignoring");
        return std::nullopt;
    }

    ServiceConfig service{};
    service.id = id == nullptr ? "" : id;
    service.element = &element;
    if (service.id.empty())
        mistakes.error(element, "a <service> without an id; write <service id='c2s'>, each with an id of its own");
    read_children(reading, service, mistakes);
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
