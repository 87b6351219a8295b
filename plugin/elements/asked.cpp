// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/asked.h"

#include "elements/nearest.h"

#include <algorithm>

namespace jabberd::elements {

namespace {

constexpr std::size_t few = 8; // so many names are worth a line of the log

void add(std::vector<std::string> &names, std::string_view name)
{
    if (std::ranges::find(names, name) == names.end())
        names.emplace_back(name);
}

bool has(const std::vector<std::string> &names, std::string_view name)
{
    return std::ranges::find(names, name) != names.end();
}

std::string tag(std::string_view name)
{
    return "<" + std::string{name} + "/>";
}

// As an operator needs it to find the place: a line, and never all of a long text.
std::string quoted(std::string_view value)
{
    constexpr std::size_t enough = 60;
    if (value.size() <= enough)
        return "'" + std::string{value} + "'";
    std::size_t cut = enough;
    while (cut > 0 && (static_cast<unsigned char>(value[cut]) & 0xc0) == 0x80)
        --cut; // not inside a character
    return "'" + std::string{value.substr(0, cut)} + "…'";
}

// "a, b and c"
std::string listed(const std::vector<std::string> &names)
{
    std::string all;
    for (std::size_t i = 0; i < names.size(); ++i)
        all += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
    return all;
}

} // namespace

bool is_option(const jabberd_config &parent, const jabberd_config &child)
{
    const std::string_view xmlns = child.xmlns;
    return xmlns.empty() || xmlns == parent.xmlns;
}

void Asked::attribute(const jabberd_config &element, std::string_view name)
{
    add(all_[&element].attributes, name);
}

void Asked::child(const jabberd_config &element, std::string_view name)
{
    add(all_[&element].children, name);
}

void Asked::text(const jabberd_config &element)
{
    all_[&element].text = true;
}

void Asked::tell_attributes(const jabberd_config &element, const Questions &asked, const Warn &warn) const
{
    for (std::size_t i = 0; i < element.attribute_count; ++i) {
        const std::string_view name = element.attributes[i].name;
        if (has(asked.attributes, name) || name.starts_with("xml:")) // XML's own, of any element: no option
            continue;
        std::string message = "unknown attribute " + std::string{name} + "=" + quoted(element.attributes[i].value) +
                              " of " + tag(element.name);
        std::vector<std::string> takes = asked.attributes;
        if (asked.text)
            takes.emplace_back("text inside");
        if (has(asked.children, name))
            message += "; it is an element there: <" + std::string{name} + ">…</" + std::string{name} + ">";
        else if (const std::string near = nearest(name, asked.attributes); !near.empty())
            message += "; did you mean '" + near + "'?";
        else
            message += takes.empty() ? "; it takes none" : "; it takes " + listed(takes);
        warn(element, message);
    }
}

// The elements of this reading that have such a child.
std::string Asked::where_else(std::string_view child, const jabberd_config &parent) const
{
    for (const auto &[element, asked] : all_) {
        if (element != &parent && std::string_view{element->name} != parent.name && has(asked.children, child))
            return element->name;
    }
    return "";
}

void Asked::tell_child(const jabberd_config &parent, const Questions &asked, const jabberd_config &child,
                       const Warn &warn) const
{
    const std::string_view name = child.name;
    if (!is_option(parent, child))
        return warn(child, tag(name) + " in " + tag(parent.name) + " is in the namespace " + quoted(child.xmlns) +
                               ", where it is no option; options are in " + quoted(parent.xmlns));
    if (has(asked.children, name))
        return warn(child, "one more " + tag(name) + " in " + tag(parent.name) + ", of which only the first is read");
    std::string message = "unknown option " + tag(name) + " in " + tag(parent.name);
    const std::string near = nearest(name, asked.children), other = where_else(name, parent);
    if (has(asked.attributes, name))
        message += "; it is an attribute there: <" + std::string{parent.name} + " " + std::string{name} + "='…'>";
    else if (!other.empty())
        message += "; it is one of " + tag(other);
    else if (!near.empty())
        message += "; did you mean " + tag(near) + "?";
    else if (asked.children.empty())
        message += "; it has no elements inside";
    else if (asked.children.size() <= few)
        message += "; it takes " + listed(asked.children);
    warn(child, message);
}

// Depth is bounded by the readers: what has none is not looked into.
void Asked::tell_unread(const jabberd_config &root, const Warn &warn) const
{
    const auto found = all_.find(&root);
    if (found == all_.end())
        return;
    const Questions &asked = found->second;
    if (const auto replaced = replaced_.find(&root); replaced != replaced_.end())
        warn(root, tag(root.name) + " is there again in line " + std::to_string(replaced->second->line) +
                       ", which is the one that holds");
    tell_attributes(root, asked, warn);
    if (!asked.text && root.text[0] != '\0')
        warn(root, "the text " + quoted(root.text) + " in " + tag(root.name) + " has no meaning there");
    for (const jabberd_config *child = root.first_child; child != nullptr; child = child->next) {
        if (std::ranges::find(left_, child) != left_.end())
            continue;
        if (all_.contains(child))
            tell_unread(*child, warn);
        else
            tell_child(root, asked, *child, warn);
    }
}

} // namespace jabberd::elements
