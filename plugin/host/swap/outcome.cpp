// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/swap/outcome.h"

namespace jabberd::host {

const char *name_of(SwapStep step)
{
    switch (step) {
    case SwapStep::Find: return "find";
    case SwapStep::Load: return "load";
    case SwapStep::Compare: return "compare";
    case SwapStep::Create: return "create";
    case SwapStep::Pause: return "pause";
    case SwapStep::Freeze: return "freeze";
    case SwapStep::Thaw: return "thaw";
    case SwapStep::Start: return "start";
    case SwapStep::Done: return "done";
    }
    return "";
}

std::string to_text(const SwapOutcome &outcome)
{
    if (outcome.is_done())
        return "";
    std::string text = std::string{name_of(outcome.reached)} + ": " + outcome.why;
    for (const std::string &note : outcome.notes)
        text += " (" + note + ")";
    if (outcome.is_stopped())
        return text + "; the old component had handed over: the service is stopped, its packets are returned";
    return outcome.reached == SwapStep::Find ? text : text + "; the old component goes on";
}

} // namespace jabberd::host
