// SPDX-License-Identifier: LGPL-2.1-or-later
// Scenarios as they stand in a file: a name, a configuration, and the steps to play.
#pragma once

#include <string>
#include <vector>

namespace jabberd::test {

struct Step {
    unsigned line;
    std::string text;
};

struct Scenario {
    std::string file; // its name, without folder
    unsigned line;    // of its first line
    std::string name; // "A client cannot forge its own route"
    std::vector<Step> steps;
};

// Reads a *.scenario file (README.md has the format). Throws std::runtime_error with file and line for what cannot be
// one.
std::vector<Scenario> read_scenarios(const std::string &path);

} // namespace jabberd::test
