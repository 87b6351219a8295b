// SPDX-License-Identifier: LGPL-2.1-or-later
// Random states of a socket manager, the bytes of their snapshots, and what must hold of both.
#pragma once

#include "fuzz/properties.h"

#include "handover/state.h"

namespace jabberd::fuzz {

handover::State some_state(Random &random);

// The records of that state's snapshot, and such records broken in a few places.
std::string snapshot_bytes(const handover::State &state);
std::string broken_snapshot(std::string bytes, Random &random);

// thaw(freeze(x)) = x.
Failure survives_a_snapshot(const handover::State &state);

// Any bytes, beside any descriptors, are refused with a reason, or read as a state that survives.
Failure refused_or_understood(std::string_view bytes, std::size_t descriptors, std::size_t tokens);

} // namespace jabberd::fuzz
