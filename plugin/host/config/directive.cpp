// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/config/directive.h"

#include "xml/document.h"

namespace jabberd::host {

namespace {

constexpr std::string_view prefix = "jabberd:";
// Of 1.6; and what else of its configuration the prefix may have been declared as.
constexpr std::string_view replace_namespace = "http://jabberd.org/ns/configfile/replace";
constexpr std::string_view configuration_namespace = "http://jabberd.org/ns/configfile";

bool has_declared_prefix(const xmlNode &element)
{
    return element.ns != nullptr && element.ns->prefix != nullptr &&
           xmlStrEqual(element.ns->prefix, reinterpret_cast<const xmlChar *>("jabberd")) != 0 &&
           xml::namespace_of(element) == configuration_namespace;
}

} // namespace

bool has_undeclared_prefix(const xmlNode &element)
{
    return xml::name_of(element).starts_with(prefix);
}

bool is_directive(const xmlNode &element, std::string_view name)
{
    if (has_undeclared_prefix(element))
        return xml::name_of(element).substr(prefix.size()) == name;
    return xml::name_of(element) == name &&
           (xml::namespace_of(element) == replace_namespace || has_declared_prefix(element));
}

} // namespace jabberd::host
