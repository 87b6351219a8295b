// SPDX-License-Identifier: LGPL-2.1-or-later
// How long a carrier waits before it tries again: longer each time, and longer where it was refused, for that takes a
// person to mend.
#pragma once

#include "base/clock.h"
#include "base/random.h"

#include <algorithm>

namespace jabberd::link {

// Up to half as much again: all who lost one peer or one broker at one moment do not come back at one moment.
inline Duration with_jitter(Duration pause)
{
    return pause + pause * std::to_integer<unsigned>(random_128().front()) / 512;
}

class Retries {
public:
    struct Pauses {
        Duration first, longest, first_refused, longest_refused;
    };
    explicit Retries(const Pauses &pauses) : pauses_(pauses) {}

    // What to wait now, without jitter.
    Duration after_failure() { return failed_ = std::clamp(2 * failed_, pauses_.first, pauses_.longest); }
    Duration after_refusal()
    {
        return refused_ = std::clamp(2 * refused_, pauses_.first_refused, pauses_.longest_refused);
    }
    void succeeded() { failed_ = refused_ = {}; }

private:
    Pauses pauses_;
    Duration failed_{}, refused_{};
};

} // namespace jabberd::link
