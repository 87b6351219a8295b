// SPDX-License-Identifier: LGPL-2.1-or-later
// A whole server, two friends who chat on it, and what they and its memory say of what happens meanwhile.
#pragma once

#include "pulse.h"
#include "support/running_host.h"

#include <cstdint>
#include <string>

namespace jabberd::chaos {

// CHAOS_SECONDS: how long each attack lasts (2). Longer is said to be long: then the cases that take their time are
// played, too.
unsigned seconds();
bool is_long();

void wait(unsigned times_100_ms);

class Trial {
public:
    // The friends have chatted for a second when it returns.
    explicit Trial(const test::RunningHost::Settings &settings);

    test::RunningHost &host() { return host_; }

    // Goes on for so long, and looks at the memory meanwhile.
    void watch(unsigned times_100_ms);

    double resident_mb() const; // of the server, now

    // The attack is over: ends `during`, and waits until a message takes no longer than twice what it took at worst
    // before.
    void recover();

    // The friends chat for another second. Prints a line, which ends with `words`. A test failure when nothing was said
    // during the attack, a message was lost, or the memory did not stay within its bounds.
    void end(const std::string &name, const std::string &words);

private:
    test::RunningHost host_;
    Pulse pulse_;
    Pulse::Figures before_, during_;
    std::chrono::milliseconds recovered_{0};
    double resident_before_ = 0, resident_ = 0;
    std::uint64_t held_ = 0;
    unsigned looks_ = 0;
};

} // namespace jabberd::chaos
