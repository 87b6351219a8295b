// SPDX-License-Identifier: LGPL-2.1-or-later
#include "classic/configuration.h"

#include "classic/configuration_file.h"
#include "config/options.h"
#include "dialect/element.h"

#include <string>
#include <string_view>

namespace jabberd::classic {

namespace {

xmlNode *first_child(const xmlNode *node)
{
    return xmlFirstElementChild(const_cast<xmlNode *>(node));
}

xmlNode *child_named(const xmlNode *parent, std::string_view name)
{
    for (xmlNode *child = first_child(parent); child != nullptr; child = xmlNextElementSibling(child)) {
        if (xml::name_of(*child) == name)
            return child;
    }
    return nullptr;
}

// Where each element of `copy` stands in the files: in the same order, and under the same names. What has come from
// nowhere has no line there. Depth is bounded by parse_body().
void take_lines(xmlNode *copy, const xmlNode *file)
{
    ConfigurationFile::stand_in(*copy, file);
    xmlNode *next = file == nullptr ? nullptr : first_child(file);
    for (xmlNode *child = first_child(copy); child != nullptr; child = xmlNextElementSibling(child)) {
        xmlNode *same = next;
        while (same != nullptr && xml::name_of(*same) != xml::name_of(*child))
            same = xmlNextElementSibling(same);
        take_lines(child, same);
        if (same != nullptr)
            next = xmlNextElementSibling(same);
    }
}

void add_copy(xmlNode *parent, const xmlNode *child)
{
    if (child != nullptr)
        xmlAddChild(parent, xmlDocCopyNode(const_cast<xmlNode *>(child), parent->doc, 1));
}

std::string text_in(const jabberd_config &service, const char *element)
{
    for (const jabberd_config *section = service.first_child; section != nullptr; section = section->next) {
        if (const jabberd_config *found = jabberd_config_child(section, element))
            return found->text;
    }
    return "";
}

// Null: the section has it already.
xmlNode *add_default(xmlNode *section, const char *option, const char *text)
{
    const auto *name = reinterpret_cast<const xmlChar *>(option);
    return child_named(section, option) != nullptr
               ? nullptr
               : xmlNewChild(section, section->ns, name, reinterpret_cast<const xmlChar *>(text));
}

// What is best in a host of one thread. Its own work bounds what there is for ours, so that one event loop has enough
// time, and finds more to do at each turn. It select()s: descriptors that fit into its sets are left to it.
void add_defaults(xmlNode *section)
{
    add_default(section, "threads", "1");
    if (xmlNode *descriptors = add_default(section, "descriptors", nullptr))
        xmlNewProp(descriptors, reinterpret_cast<const xmlChar *>("from"), reinterpret_cast<const xmlChar *>("1024"));
}

// In our sections: what is for the adapter goes, what a classic host needs comes. The path of the control socket, if
// there is one.
std::string adapt(xmlNode *service)
{
    std::string control;
    for (xmlNode *section = first_child(service); section != nullptr; section = xmlNextElementSibling(section)) {
        const std::string_view xmlns = xml::namespace_of(*section);
        if (xmlns != config::own_section && xmlns != config::section_1_1 && xmlns != config::section_1_4)
            continue;
        add_defaults(section);
        if (xmlNode *found = child_named(section, "control")) {
            control = xml::content(found);
            xmlUnlinkNode(found);
            xmlFreeNode(found);
        }
    }
    return control;
}

host::Configuration configuration_of(xmlNode &service, const std::string &id, const std::filesystem::path &component,
                                     const std::string &file)
{
    host::Configuration configuration;
    if (const std::string control = adapt(&service); !control.empty())
        configuration.settings.control = (std::filesystem::path{file}.parent_path() / control).string();
    configuration.tree = host::tree_of(service, [&](const xmlNode &element) -> const std::string & {
        return ConfigurationFile::file_of(element, file);
    });
    const jabberd_config &element = *configuration.tree->root();

    host::ServiceConfig config{id, {}, "socket_manager", {component}, &element, &element};
    for (const jabberd_config *child = element.first_child; child != nullptr; child = child->next) {
        if (std::string_view{child->name} == "host")
            config.names.emplace_back(child->text);
        if (std::string_view{child->name} == "load")
            config.load = child;
    }
    if (config.names.empty())
        config.names.push_back(id);
    // As dlopen() takes it: a name alone would be looked for among the libraries.
    const std::string loaded = config.load->first_child == nullptr ? "" : config.load->first_child->text;
    if (loaded.find('/') != std::string::npos)
        config.files = {std::filesystem::absolute(loaded)};
    // 1.1 names the address once more in the section.
    if (const std::string host = text_in(element, "host"); !host.empty() && host != config.names.front())
        config.names.insert(config.names.begin(), host);
    configuration.services.push_back(std::move(config));
    return configuration;
}

} // namespace

host::Configuration read_configuration(const Functions &functions, const Instance &instance,
                                       const std::filesystem::path &component, host::Mistakes &mistakes)
{
    const std::string id = instance.id;
    const auto document = dialect::parse_element(functions.text_of(instance.configuration), "");
    if (!document) {
        mistakes.add({JABBERD_LOG_ERROR, "service '" + id + "'", 0, "its configuration cannot be read as XML"});
        return {};
    }
    xmlNode *service = first_child(xmlDocGetRootElement(document.get()));
    if (functions.whole_configuration() != nullptr) {
        if (const auto whole = dialect::parse_element(functions.text_of(functions.whole_configuration()), ""))
            add_copy(service, child_named(&dialect::element_of(*whole), "io"));
    }

    host::Mistakes ignored; // the host could read its files
    const CommandLine command_line = CommandLine::of_this_process();
    ConfigurationFile file{command_line, ignored};
    const xmlNode *there = file.child("service", id, ignored);
    take_lines(service, there);
    if (xmlNode *io = child_named(service, "io"); io != nullptr)
        take_lines(io, file.child("io", "", ignored));
    return configuration_of(*service, id, component, there == nullptr ? "service '" + id + "'" : file.path());
}

host::Configuration read_changed_configuration(const std::string &id, const std::filesystem::path &component,
                                               host::Mistakes &mistakes)
{
    const CommandLine command_line = CommandLine::of_this_process();
    ConfigurationFile file{command_line, mistakes};
    if (!file.is_read())
        return {};
    xmlNode *service = file.child("service", id, mistakes);
    if (service == nullptr) {
        mistakes.add({JABBERD_LOG_ERROR, file.path(), 0,
                      "there is no <service id='" + id + "'> in it, nor in what it includes"});
        return {};
    }
    if (xmlNode *io = file.child("io", "", mistakes)) {
        xmlUnlinkNode(io);
        xmlAddChild(service, io);
    }
    return configuration_of(*service, id, component, file.path());
}

} // namespace jabberd::classic
