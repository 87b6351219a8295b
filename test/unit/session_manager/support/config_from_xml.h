// SPDX-License-Identifier: LGPL-2.1-or-later
// A configuration as it would be written in a test: from its XML.
#pragma once

#include <jabberd/config.h>

#include <libxml/tree.h>

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::test {

class Config {
public:
    // `file` is what the elements say they were read from.
    Config(std::string_view xml, std::string file);
    Config(const Config &) = delete;
    Config &operator=(const Config &) = delete;

    const jabberd_config &root() const { return elements_.front(); }

private:
    jabberd_config *add(const xmlNode *node);
    const char *keep(std::string s) { return strings_.emplace_back(std::move(s)).c_str(); }

    std::string file_;
    std::deque<jabberd_config> elements_;
    std::deque<std::vector<jabberd_config_attribute>> attributes_;
    std::deque<std::string> strings_;
};

} // namespace jabberd::test
