// SPDX-License-Identifier: LGPL-2.1-or-later
// All of it: everybody comes in, the socket manager is swapped again and again, everybody leaves.
#pragma once

#include "swap/control.h"
#include "swap/guests.h"
#include "swap/residents.h"
#include "swap/server.h"
#include "swap/successors.h"

#include <functional>
#include <optional>
#include <vector>

namespace jabberd::bench {

class Play {
public:
    explicit Play(const Options &options);

    // Throws std::runtime_error when something does not happen within its time.
    void run();

    // Prints `key value` lines. True when nobody has noticed anything.
    bool report();

private:
    void swap(unsigned number);
    void turn();
    void wait(const char *what, const std::function<bool()> &done);
    void wait(std::chrono::milliseconds time);

    const Options &options_;
    Server server_;
    Ready ready_;
    Times times_;
    Residents residents_;
    Guests guests_;
    Successors successors_;
    std::optional<Control> control_;
    bool talking_ = false;
    std::vector<Time::rep> pauses_;
    unsigned unexpected_ = 0; // swaps that ended otherwise
    Footprint before_, after_;
};

} // namespace jabberd::bench
