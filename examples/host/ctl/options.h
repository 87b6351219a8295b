// SPDX-License-Identifier: LGPL-2.1-or-later
// The command line of jabberd-ctl.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace jabberd::ctl {

enum class Colour { Auto, Always, Never };

struct Options {
    std::string command;            // "help" when there is none
    std::vector<std::string> words; // of a component's command: itself and its arguments; of help and complete: theirs
    std::string service;            // of swap
    std::string file;               // of swap; absolute
    std::string socket;
    std::string filter;
    bool json = false;
    bool version = false; // and nothing else
    Colour colour = Colour::Auto;
};

// Nothing after explaining on standard error what is wrong. --help prints and exits.
std::optional<Options> parse_options(int argc, char **argv);

std::string help();

} // namespace jabberd::ctl
