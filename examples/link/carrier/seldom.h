// SPDX-License-Identifier: LGPL-2.1-or-later
// Lines of the log that an attacker could cause without end: one in a while.
#pragma once

#include "base/clock.h"

#include <optional>
#include <string>

namespace jabberd::link {

class Seldom {
public:
    // Whether it is time for one; then `suffix` says how many there were meanwhile.
    bool allows(Time now, std::string &suffix)
    {
        if (next_ && now < *next_) {
            ++left_out_;
            return false;
        }
        next_ = now + std::chrono::seconds{10};
        suffix = left_out_ == 0 ? "" : " (and " + std::to_string(left_out_) + " more like this)";
        left_out_ = 0;
        return true;
    }

private:
    std::optional<Time> next_;
    unsigned left_out_ = 0;
};

} // namespace jabberd::link
