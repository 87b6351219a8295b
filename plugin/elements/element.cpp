// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/element.h"

#include <algorithm>
#include <vector>

namespace jabberd::elements {

const char *Element::text() const
{
    asked_->text(*element_);
    return element_->text;
}

const char *Element::attribute(std::string_view name) const
{
    asked_->attribute(*element_, name);
    for (std::size_t i = 0; i < element_->attribute_count; ++i) {
        if (name == element_->attributes[i].name)
            return element_->attributes[i].value;
    }
    return nullptr;
}

std::string_view Element::value(std::string_view attribute) const
{
    const char *value = this->attribute(attribute);
    return value == nullptr ? std::string_view{} : value;
}

std::optional<Element> Element::child(const char *name) const
{
    asked_->child(*element_, name);
    for (const jabberd_config *child = element_->first_child; child != nullptr; child = child->next) {
        if (std::string_view{child->name} == name && is_option(*element_, *child))
            return Element{*child, *asked_};
    }
    return std::nullopt;
}

void Element::read(std::span<const Option> options) const
{
    std::vector<const jabberd_config *> earlier(options.size());
    for (const Option &option : options)
        asked_->child(*element_, option.name);
    for (const jabberd_config *child = element_->first_child; child != nullptr; child = child->next) {
        const auto option = std::ranges::find(options, std::string_view{child->name}, &Option::name);
        if (option == options.end() || !is_option(*element_, *child))
            continue;
        auto &before = earlier[static_cast<std::size_t>(option - options.begin())];
        if (before != nullptr && option->times == Times::Once)
            asked_->replace(*before, *child);
        before = child;
        option->read(Element{*child, *asked_});
    }
}

} // namespace jabberd::elements
