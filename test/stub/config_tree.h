// SPDX-License-Identifier: LGPL-2.1-or-later
// A configuration as components see it, made from XML text.
#pragma once

#include <jabberd/config.h>

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::test {

// Owns every node and string of one <service/>. Throws std::invalid_argument when the text is not XML.
class ConfigTree {
public:
    // `file` and `first_line` are where the text stands, for the component's reports.
    explicit ConfigTree(std::string_view xml, const std::string &file = "service.xml", unsigned first_line = 1);
    ConfigTree(const ConfigTree &) = delete;
    ConfigTree &operator=(const ConfigTree &) = delete;

    const jabberd_config &root() const { return nodes_.front(); }

private:
    static void on_start(void *self, const char *name, const char **attributes);
    static void on_end(void *self, const char *name);
    static void on_characters(void *self, const char *text, int size);

    const char *keep(std::string_view text) { return strings_.emplace_back(text).c_str(); }

    struct Open {
        jabberd_config *node;
        jabberd_config *last_child;
        std::string text;
    };

    std::deque<jabberd_config> nodes_;
    std::deque<std::string> strings_;
    std::deque<std::vector<jabberd_config_attribute>> attributes_;
    std::vector<Open> open_;
    void *parser_ = nullptr; // expat's, while the constructor runs
    const char *file_ = nullptr;
    unsigned first_line_;
};

} // namespace jabberd::test
