// SPDX-License-Identifier: LGPL-2.1-or-later
// How an attempt to swap a component ended.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace jabberd::host {

// The steps of handover.h, and what comes before them.
enum class SwapStep { Find, Load, Compare, Create, Pause, Freeze, Thaw, Start, Done };

// "find", "load", …
const char *name_of(SwapStep step);

struct SwapOutcome {
    SwapStep reached = SwapStep::Done; // the step that failed
    std::string why;                   // empty when none did
    std::vector<std::string> notes;    // warnings and errors that both components logged, as they came
    std::chrono::microseconds pause{}; // how long packets waited
    bool is_late = false;              // a thread is still in the new component, whose code must stay

    bool is_done() const { return reached == SwapStep::Done; }

    // Whether the service has no component any more: only after the last one gave all away.
    bool is_stopped() const { return reached == SwapStep::Start; }
};

// "freeze: …; the old component goes on". Empty when it is done.
std::string to_text(const SwapOutcome &outcome);

} // namespace jabberd::host
