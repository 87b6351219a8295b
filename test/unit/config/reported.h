// SPDX-License-Identifier: LGPL-2.1-or-later
// A host that is asked for nothing but its names, and keeps what is reported to it.
#pragma once

#include "config/reader.h"
#include "stub/config_tree.h"

#include <optional>
#include <string>
#include <vector>

namespace jabberd::test {

// Options read from a <service/> with these sections, and what was reported: "error line 3 <host>: text".
class Reading {
public:
    explicit Reading(const std::string &sections, std::vector<const char *> names = {"c2s"})
        : names_(std::move(names)), tree_("<service>\n" + sections + "</service>")
    {
        host_.size = sizeof host_;
        host_.id = "the-id";
        host_.names = names_.data();
        host_.name_count = names_.size();
        host_.host_data = this;
        host_.report = [](const jabberd_host *host, const jabberd_config *at, jabberd_log_level level,
                          const char *message) {
            static_cast<Reading *>(host->host_data)
                ->reports.push_back((level == JABBERD_LOG_ERROR ? "error" : "warning") +
                                    (" line " + std::to_string(at->line)) + " <" + at->name + ">: " + message);
        };
        options = config::read_options(host_, tree_.root());
    }

    std::vector<std::string> reports;
    std::optional<config::Options> options;

private:
    std::vector<const char *> names_;
    ConfigTree tree_;
    jabberd_host host_{};
};

// Our own section, one option a line, from line 3 on; with a port, so that only the options may be wrong.
inline Reading reading(const std::string &options)
{
    return Reading{"<c2s xmlns='jabber:config:socket-manager'><listen>127.0.0.1</listen>\n" + options + "</c2s>"};
}

} // namespace jabberd::test
