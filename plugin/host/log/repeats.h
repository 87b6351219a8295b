// SPDX-License-Identifier: LGPL-2.1-or-later
// Log records that say the same again and again.
#pragma once

#include <jabberd/log.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace jabberd::host::log {

// Lets the first records of a kind through in each minute, and counts the others. Two are of one kind when service,
// level and message are the same, where of messages only what is not in quotes and is no number counts; fields do not
// count. Not for more than one thread at once.
class Repeats {
public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr unsigned max_a_minute = 60;  // of a kind: an operator who reads along has seen enough
    static constexpr std::size_t max_kinds = 256; // at once; what is of yet another kind is let through

    // What was left out in a minute.
    struct Summary {
        jabberd_log_level level;
        std::string service;
        std::string message;
    };

    // Whether this one is to be written.
    bool admit(jabberd_log_level level, std::string_view service, std::string_view message, Time now);

    // One for each kind of which something was left out, once its minute is over by `now`. Cheap while none is.
    std::vector<Summary> due(Time now);

private:
    using Kind = std::tuple<jabberd_log_level, std::string, std::string>;
    struct Minute {
        Time end;
        std::string message; // the first, as it was
        std::uint64_t count = 0;
    };

    std::map<Kind, Minute> minutes_;
    Time first_end_ = Time::max();
};

} // namespace jabberd::host::log
