// SPDX-License-Identifier: LGPL-2.1-or-later
// A configuration file, its <include/>s in place, as the tree that components see.
#pragma once

#include "host/config/mistakes.h"

#include <jabberd/config.h>

#include <libxml/tree.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::host {

// Owns the elements and all they point to. Never changes once it is read, so every pointer into it lives as long as the
// tree.
class ConfigTree {
public:
    ConfigTree() = default;
    ConfigTree(const ConfigTree &) = delete;
    ConfigTree &operator=(const ConfigTree &) = delete;

    const jabberd_config *root() const { return root_; }

private:
    friend class TreeReader;

    // Deques, because their elements stay where they are.
    std::deque<jabberd_config> elements_;
    std::deque<std::vector<jabberd_config_attribute>> attributes_;
    std::deque<std::string> strings_;
    const jabberd_config *root_ = nullptr;
};

// Reads the file and all it includes. Null when the file itself cannot be read; all that is wrong is in `mistakes`, and
// what could be read is in the tree.
//
// <include>file</include> (jabberd 1.4 wrote <jabberd:include>) is looked up relative to the file it stands in. It is
// replaced by the children of that file's root where the root has the name of the element around the include, otherwise
// by the root.
std::unique_ptr<ConfigTree> read_tree(const std::string &file, Mistakes &mistakes);

// Of elements that have been read already; `file_of` says where each stands. No include is followed.
using FileOf = std::function<const std::string &(const xmlNode &element)>;
std::unique_ptr<ConfigTree> tree_of(const xmlNode &root, FileOf file_of);

// Whether both say the same, wherever they stand.
bool same_configuration(const jabberd_config &a, const jabberd_config &b);

} // namespace jabberd::host
