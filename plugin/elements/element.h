// SPDX-License-Identifier: LGPL-2.1-or-later
// An element of a configuration as its reader sees it: each question is remembered, so the reader need not list what it
// does not know.
#pragma once

#include "elements/asked.h"

#include <functional>
#include <optional>
#include <span>
#include <string_view>

namespace jabberd::elements {

class Element;

enum class Times : std::uint8_t {
    Once, // the last one holds; the operator is told of the others
    Any,
};

// A child that may be there, and what to do with it: the one place where an option of an element is named.
struct Option {
    std::string_view name;
    std::function<void(const Element &)> read;
    Times times = Times::Once;
};

// A view; the tree and what was asked of it live longer. Ask for all that may be in an element before judging it: what
// was not asked for yet when a mistake ends its reading is told to the operator as unknown.
class Element {
public:
    Element(const jabberd_config &element, Asked &asked) : element_(&element), asked_(&asked) { asked.open(element); }

    const jabberd_config &at() const { return *element_; } // for reports
    std::string_view name() const { return element_->name; }

    const char *text() const;
    const char *attribute(std::string_view name) const;       // null: it has none
    std::string_view value(std::string_view attribute) const; // "": it has none
    std::optional<Element> child(const char *name) const;     // the first

    // It is known, and of no use here, with all that is in it; or another reader's.
    void leave() const { asked_->leave(*element_); }
    void leave(const jabberd_config &child) const { asked_->leave(child); }

    bool has_children() const { return element_->first_child != nullptr; }

    // Calls the options' functions for the children of their names, in the order of the file.
    void read(std::span<const Option> options) const;

private:
    const jabberd_config *element_;
    Asked *asked_;
};

} // namespace jabberd::elements
