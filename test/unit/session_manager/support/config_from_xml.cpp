// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/config_from_xml.h"

#include "xml/document.h"

#include <libxml/parser.h>

#include <stdexcept>

namespace jabberd::test {

Config::Config(std::string_view text, std::string file) : file_(std::move(file))
{
    const xml::DocumentPtr document{
        xmlReadMemory(text.data(), static_cast<int>(text.size()), nullptr, nullptr, XML_PARSE_NONET)};
    if (!document)
        throw std::invalid_argument{"not a configuration: " + std::string{text}};
    add(xmlDocGetRootElement(document.get()));
}

jabberd_config *Config::add(const xmlNode *node)
{
    jabberd_config *element = &elements_.emplace_back(); // stays where it is: a deque grows at its end
    element->size = sizeof *element;
    element->name = keep(reinterpret_cast<const char *>(node->name));
    element->xmlns = keep(node->ns == nullptr ? "" : reinterpret_cast<const char *>(node->ns->href));
    element->text =
        keep(xmlFirstElementChild(const_cast<xmlNode *>(node)) == nullptr ? xml::content(node) : std::string{});
    element->file = file_.c_str();
    element->line = static_cast<unsigned>(xmlGetLineNo(node));
    auto &attributes = attributes_.emplace_back();
    for (const xmlAttr *attribute = node->properties; attribute != nullptr; attribute = attribute->next)
        attributes.push_back({keep(reinterpret_cast<const char *>(attribute->name)),
                              keep(xml::content(reinterpret_cast<const xmlNode *>(attribute)))});
    element->attributes = attributes.data();
    element->attribute_count = attributes.size();
    const jabberd_config **link = &element->first_child;
    for (const xmlNode *child = node->children; child != nullptr; child = child->next) {
        if (child->type != XML_ELEMENT_NODE)
            continue;
        jabberd_config *added = add(child);
        *link = added;
        link = &added->next;
    }
    return element;
}

} // namespace jabberd::test
