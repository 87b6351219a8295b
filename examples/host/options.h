// SPDX-License-Identifier: LGPL-2.1-or-later
// The command line of jabberd-host.
#pragma once

#include <jabberd/log.h>

#include <optional>
#include <string>

namespace jabberd::host {

struct Options {
    std::string config = "jabber.xml";
    bool check = false;
    bool version = false;
    std::optional<std::string> control;
    std::optional<std::string> user; // USER or USER:GROUP
    std::optional<jabberd_log_level> log_level;
};

// Nothing after explaining on standard error what is wrong. --help prints and exits.
std::optional<Options> parse_options(int argc, char **argv);

} // namespace jabberd::host
