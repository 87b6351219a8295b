// SPDX-License-Identifier: LGPL-2.1-or-later
// Descriptors that are kept to be given up for the operator when the process, or the machine, has no other.
#pragma once

#include "base/unique_fd.h"

#include <array>

namespace jabberd::host {

// [main] Socket managers leave some to others by themselves; this is for a process in which another component has taken
// all that there are. What is given up is for the operator's connection and for the files of its request.
class SpareDescriptors {
public:
    SpareDescriptors() { take(); }

    void give_up();

    // As many as there are to be had. True when it has all again.
    bool take();

private:
    // A connection, a component's file, a configuration and what it includes, a certificate, a journal of a database;
    // and in a classic server all of them have a number that its select() needs.
    std::array<UniqueFd, 8> held_;
};

} // namespace jabberd::host
