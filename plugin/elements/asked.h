// SPDX-License-Identifier: LGPL-2.1-or-later
// What the reader of a configuration has asked its elements for, and hence what is in them that has no reader.
#pragma once

#include <jabberd/config.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::elements {

// Filled by Element (element.h), one for each reading. Elements are known by their place in memory: it may not outlive
// the tree.
class Asked {
public:
    void attribute(const jabberd_config &element, std::string_view name);
    void child(const jabberd_config &element, std::string_view name);
    void text(const jabberd_config &element);

    // It has a reader: what that never asks it for is told.
    void open(const jabberd_config &element) { all_[&element]; }

    // Nothing is told of it.
    void leave(const jabberd_config &element) { left_.push_back(&element); }

    // It was read, and what a later one says holds instead.
    void replace(const jabberd_config &earlier, const jabberd_config &later) { replaced_[&earlier] = &later; }

    // Calls `warn` for every attribute, child and text below `root`, an open element, that was never asked for; with
    // what is near, and what there is.
    using Warn = std::function<void(const jabberd_config &at, const std::string &message)>;
    void tell_unread(const jabberd_config &root, const Warn &warn) const;

private:
    struct Questions {
        std::vector<std::string> attributes, children;
        bool text = false;
    };

    void tell_attributes(const jabberd_config &element, const Questions &asked, const Warn &warn) const;
    void tell_child(const jabberd_config &parent, const Questions &asked, const jabberd_config &child,
                    const Warn &warn) const;
    std::string where_else(std::string_view child, const jabberd_config &parent) const;

    std::map<const jabberd_config *, Questions> all_;
    std::map<const jabberd_config *, const jabberd_config *> replaced_;
    std::vector<const jabberd_config *> left_;
};

// Whether a child is one of its parent's options. What is in no namespace is: jabberd 1.4 knows none, and an included
// file need not repeat it.
bool is_option(const jabberd_config &parent, const jabberd_config &child);

} // namespace jabberd::elements
