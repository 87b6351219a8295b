// SPDX-License-Identifier: LGPL-2.1-or-later
// What is to be swapped how often, under which load.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace jabberd::bench {

struct Options {
    std::string host, socket_manager, session_manager, fixtures; // files, from the environment as for the tests
    std::string classic;     // a stub of an old jabberd, in place of host and session manager
    unsigned clients = 5000; // even: they talk in pairs
    unsigned swaps = 100;
    unsigned rate = 2000;                   // messages a second, of all together
    std::chrono::milliseconds between{300}; // from one swap to the next, at least: what it is like without
    bool failing = false;                   // successors that cannot take over, each for another reason
    bool untimed = false;                   // prints no times: a test
    std::string preload;                    // a library, before all others of the host: its loops' threads come and go
};

// Nothing after explaining on standard error what is wrong.
std::optional<Options> parse_options(int argc, char **argv);

} // namespace jabberd::bench
