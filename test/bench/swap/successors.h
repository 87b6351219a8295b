// SPDX-License-Identifier: LGPL-2.1-or-later
// What the socket manager is to be replaced by, one after the other.
#pragma once

#include "swap/server.h"

#include <string>
#include <vector>

namespace jabberd::bench {

// A request, and what the answer must have in it.
struct Attempt {
    std::string request, expected;
};

class Successors {
public:
    Successors(const Options &options, const Server &server);

    // Of the attempt number `number`. With --failing, one after the other fails at another step, and the last of them
    // succeeds: nothing of the failed ones is in its way.
    Attempt next(unsigned number);

private:
    struct Failure {
        std::string file, step; // a fixture; "" for our own with another configuration
        std::string more = "";  // of the configuration
    };
    Attempt fail(const Failure &failure) const;
    Attempt succeed();

    const Options &options_;
    const Server &server_;
    UniqueFd taken_; // a port that nobody else can have
    std::vector<Failure> failures_;
    unsigned done_ = 0; // how often it was really swapped
};

} // namespace jabberd::bench
