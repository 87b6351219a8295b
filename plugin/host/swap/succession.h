// SPDX-License-Identifier: LGPL-2.1-or-later
// One instance follows another without its packets or its clients noticing: the order of handover.h.
#pragma once

#include "host/swap/outcome.h"

#include <jabberd/handover.h>

namespace jabberd::host {

class Instance;
class Mistakes;
class Service;

// How long handlers that run may take to return, and then the component to stop at a byte. Clients do not notice two
// seconds; a component that needs more is stuck.
constexpr std::chrono::milliseconds freeze_deadline{2000};

// And the new one to be created, while the old one runs and clients notice nothing: but the operator waits.
constexpr std::chrono::milliseconds create_deadline{10'000};

// The extension of a created instance, whole; null when it does not offer it.
const jabberd_handover *handover_of(const Instance &instance);

// [main] Replaces the instance of a started service by one of `component`, which is created from `element`. When it
// fails, nothing has changed, unless the outcome is_stopped(). What the new instance reports is in `mistakes`.
SwapOutcome succeed(Service &service, const jabberd_component &component, const jabberd_config &element,
                    Mistakes &mistakes);

} // namespace jabberd::host
