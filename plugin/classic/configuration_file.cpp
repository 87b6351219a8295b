// SPDX-License-Identifier: LGPL-2.1-or-later
#include "classic/configuration_file.h"

#include "host/config/directive.h"
#include "host/config/xml_file.h"

#include <filesystem>

namespace jabberd::classic {

namespace {

constexpr unsigned max_depth = 20; // that of the host

void remove(xmlNode *node)
{
    xmlUnlinkNode(node);
    xmlFreeNode(node);
}

} // namespace

ConfigurationFile::ConfigurationFile(const CommandLine &command_line, host::Mistakes &mistakes)
    : command_line_(command_line)
    , sources_{{command_line.configuration_file().string(), nullptr}}
    , document_(host::parse_xml_file(path(), mistakes))
{
    if (document_)
        follow_includes(xmlDocGetRootElement(document_.get()), mistakes);
}

xmlNode *ConfigurationFile::child(std::string_view name, std::string_view id, host::Mistakes &mistakes)
{
    xmlNode *root = document_ ? xmlDocGetRootElement(document_.get()) : nullptr;
    for (xmlNode *node = root == nullptr ? nullptr : xmlFirstElementChild(root); node != nullptr;
         node = xmlNextElementSibling(node)) {
        if (xml::name_of(*node) != name || (!id.empty() && xml::attribute(node, "id") != id))
            continue;
        complete(node, mistakes);
        return node;
    }
    return nullptr;
}

void ConfigurationFile::stand_in(xmlNode &copy, const xmlNode *original)
{
    copy.line = original == nullptr ? 0 : original->line;
    copy._private = original == nullptr ? nullptr : original->_private;
}

const std::string &ConfigurationFile::file_of(const xmlNode &element, const std::string &otherwise)
{
    return element._private == nullptr ? otherwise : static_cast<const Source *>(element._private)->file;
}

const ConfigurationFile::Source &ConfigurationFile::source_of(const xmlNode &element) const
{
    return element._private == nullptr ? sources_.front() : *static_cast<const Source *>(element._private);
}

// What is included comes to the end, so its own includes follow in the same way.
void ConfigurationFile::follow_includes(xmlNode *parent, host::Mistakes &mistakes)
{
    for (xmlNode *node = xmlFirstElementChild(parent); node != nullptr;) {
        const bool is_include = host::is_directive(*node, "include");
        if (is_include)
            include(node, mistakes);
        xmlNode *next = xmlNextElementSibling(node);
        if (is_include)
            remove(node);
        node = next;
    }
}

// Depth is bounded by the parser's, and that of the includes.
void ConfigurationFile::complete(xmlNode *parent, host::Mistakes &mistakes)
{
    follow_includes(parent, mistakes);
    for (xmlNode *node = xmlFirstElementChild(parent); node != nullptr;) {
        xmlNode *next = xmlNextElementSibling(node);
        if (host::is_directive(*node, "cmdline")) {
            const std::string *given = command_line_.value(xml::attribute(node, "flag"));
            const std::string text = given == nullptr ? xml::content(node) : *given;
            xmlAddNextSibling(node, xmlNewDocText(parent->doc, reinterpret_cast<const xmlChar *>(text.c_str())));
            remove(node);
        } else {
            complete(node, mistakes);
        }
        node = next;
    }
}

void ConfigurationFile::include(xmlNode *directive, host::Mistakes &mistakes)
{
    const Source &here = source_of(*directive);
    const auto mistake = [&](std::string message) {
        mistakes.add(
            {JABBERD_LOG_ERROR, here.file, static_cast<unsigned>(xmlGetLineNo(directive)), std::move(message)});
    };
    const std::string name = xml::content(directive);
    if (name.empty())
        return mistake("this <include> names no file");
    const std::string file = std::filesystem::absolute(name).lexically_normal().string();
    unsigned depth = 0;
    for (const Source *around = &here; around != nullptr; around = around->includer, ++depth) {
        if (around->file == file)
            return mistake("this <include> leads back to " + file + ", which is being read; remove one of the two");
    }
    if (depth > max_depth)
        return mistake("an <include> inside " + std::to_string(max_depth) + " others; put fewer files into each other");
    const xml::DocumentPtr included = host::parse_xml_file(file, mistakes);
    if (!included)
        return mistake(file + ", which is included here, cannot be used");

    Source &source = sources_.emplace_back(Source{file, &here});
    xmlNode *parent = directive->parent;
    xmlNs *xmlns = host::has_undeclared_prefix(*directive)
                       ? parent->ns
                       : nullptr; // 1.4 sees text: what has no xmlns takes that around it
    const auto mark = [&](xmlNode *node, const auto &again) -> void {
        node->_private = &source;
        if (node->ns == nullptr)
            node->ns = xmlns;
        for (xmlNode *child = xmlFirstElementChild(node); child != nullptr; child = xmlNextElementSibling(child))
            again(child, again);
    };
    const auto append = [&](const xmlNode *node) {
        xmlNode *copy = xmlDocCopyNode(const_cast<xmlNode *>(node), parent->doc, 1);
        if (node->type == XML_ELEMENT_NODE)
            mark(copy, mark);
        xmlAddChild(parent, copy);
    };
    const xmlNode *root = xmlDocGetRootElement(included.get());
    const bool is_more =
        xml::name_of(*root) == xml::name_of(*parent) &&
        (host::has_undeclared_prefix(*directive) || xml::namespace_of(*root) == xml::namespace_of(*parent));
    if (!is_more)
        return append(root);
    for (const xmlNode *node = root->children; node != nullptr; node = node->next)
        append(node);
}

} // namespace jabberd::classic
